import { createDeferred, type Deferred, messageOf } from '@decoraft/base';
import type { AppendBatch, Entry, HardState, Index, LogStore, Term } from '@decoraft/raft';
import type { Disk, DiskFile } from './disk.js';
import { StorageError } from './errors.js';
import type { LogView } from './log-view.js';
import { encodeRecord } from './record.js';
import type { LogEnd } from './recovery.js';
import { createSegment, SEGMENT_BYTES, SEGMENT_HEADER_BYTES } from './segment.js';

/** What a log has done since it was opened. */
export interface LogStatistics {
  readonly fdatasyncs: number;
  readonly appendedEntries: number;
  readonly appendedBytes: number;
}

interface Waiting {
  readonly batch: AppendBatch;
  readonly deferred: Deferred<void>;
}

/** An open segment and the place where it goes on. */
interface Tail {
  readonly file: DiskFile;
  readonly number: number;
  readonly size: number;
  offset: number;
}

/**
 * The durable log. One write and one fdatasync are under way at a time; all that is appended meanwhile shares the
 * next (group commit). The next segment is made while the current one fills.
 */
export class DurableLog implements LogStore {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #view: LogView;
  readonly #release: () => Promise<void>;
  #tail: Tail;
  #next: Promise<DiskFile> | undefined;
  #lastRecord: number;
  #durableRecord: number;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failure: StorageError | undefined;
  #closed = false;
  #fdatasyncs = 0;
  #appendedEntries = 0;
  #appendedBytes = 0;

  constructor(parts: {
    readonly disk: Disk;
    readonly directory: string;
    readonly view: LogView;
    readonly file: DiskFile;
    readonly end: LogEnd;
    readonly release: () => Promise<void>;
  }) {
    const { end, file } = parts;
    this.#disk = parts.disk;
    this.#directory = parts.directory;
    this.#view = parts.view;
    this.#release = parts.release;
    this.#tail = { file, number: end.segment, size: end.size, offset: end.offset };
    this.#lastRecord = end.lastRecord;
    this.#durableRecord = end.lastRecord;
  }

  firstIndex(): Index {
    return this.#view.firstIndex();
  }

  lastIndex(): Index {
    return this.#view.lastIndex();
  }

  term(at: Index): Term | undefined {
    return this.#view.term(at);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    return this.#view.entries(from, to, maxBytes);
  }

  hardState(): HardState {
    return this.#view.hardState();
  }

  statistics(): LogStatistics {
    return {
      fdatasyncs: this.#fdatasyncs,
      appendedEntries: this.#appendedEntries,
      appendedBytes: this.#appendedBytes,
    };
  }

  append(batch: AppendBatch): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#closed) return Promise.reject(new StorageError('InvalidArgument', 'the log is closed'));
    try {
      this.#view.apply(batch);
    } catch (thrown) {
      return Promise.reject(new StorageError('InvalidArgument', messageOf(thrown), { cause: thrown }));
    }
    const deferred = createDeferred<void>();
    this.#queue.push({ batch, deferred });
    this.#flushing ??= this.#flush();
    return deferred.promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    await this.#tail.file.close();
    // A segment that was made ahead stays for the next start, which finds it empty.
    await this.#next?.then((file) => file.close()).catch(() => undefined);
    await this.#release();
  }

  async #flush(): Promise<void> {
    // Appends of the same turn go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const waiting = this.#queue;
      this.#queue = [];
      try {
        await this.#write(waiting);
      } catch (thrown) {
        this.#fail(thrown, waiting);
        break;
      }
      for (const { deferred } of waiting) deferred.resolve();
    }
    this.#flushing = undefined;
  }

  async #write(waiting: readonly Waiting[]): Promise<void> {
    let chunks: Uint8Array[] = [];
    let bytes = 0;
    for (const { batch } of waiting) {
      const record = { number: ++this.#lastRecord, durable: this.#durableRecord, batch };
      let encoded = encodeRecord(this.#tail.number, record);
      if (this.#tail.offset + bytes + encoded.length > this.#tail.size) {
        await this.#sync(chunks);
        await this.#roll(encoded.length);
        encoded = encodeRecord(this.#tail.number, { ...record, durable: this.#durableRecord });
        chunks = [];
        bytes = 0;
      }
      chunks.push(encoded);
      bytes += encoded.length;
      this.#appendedEntries += batch.entries.length;
      this.#appendedBytes += encoded.length;
    }
    await this.#sync(chunks);
    this.#prepareNext();
  }

  async #sync(chunks: readonly Uint8Array[]): Promise<void> {
    if (chunks.length === 0) return;
    const bytes = concat(chunks);
    await this.#tail.file.write(bytes, this.#tail.offset);
    this.#fdatasyncs++;
    await this.#tail.file.fdatasync();
    this.#tail.offset += bytes.length;
    this.#durableRecord += chunks.length;
  }

  /** Goes on in the next segment; one record never stands in two. */
  async #roll(recordBytes: number): Promise<void> {
    const number = this.#tail.number + 1;
    const needed = SEGMENT_HEADER_BYTES + recordBytes;
    let file = await this.#next;
    this.#next = undefined;
    if (!file || needed > SEGMENT_BYTES) {
      await file?.close();
      const size = Math.max(SEGMENT_BYTES, needed);
      file = await createSegment(this.#disk, this.#directory, { number, size });
    }
    await this.#tail.file.close();
    this.#tail = { file, number, size: Math.max(SEGMENT_BYTES, needed), offset: SEGMENT_HEADER_BYTES };
  }

  #prepareNext(): void {
    if (this.#next || this.#tail.offset < this.#tail.size / 2) return;
    const place = { number: this.#tail.number + 1, size: SEGMENT_BYTES };
    this.#next = createSegment(this.#disk, this.#directory, place);
    this.#next.catch(() => undefined);
  }

  /** Final: what a failed flush left in the page cache nobody knows, so no later flush may be believed (ATC'20). */
  #fail(thrown: unknown, waiting: readonly Waiting[]): void {
    const failure = new StorageError(
      'DiskFailed',
      `the log in ${this.#directory} failed: ${messageOf(thrown)}`,
      {
        cause: thrown,
      },
    );
    this.#failure = failure;
    for (const { deferred } of [...waiting, ...this.#queue]) deferred.reject(failure);
    this.#queue = [];
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first && chunks.length === 1) return first;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
