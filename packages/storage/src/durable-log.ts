import { createDeferred, type Deferred, type Logger, messageOf } from '@decoraft/base';
import type { AppendBatch, Entry, HardState, Index, Term } from '@decoraft/raft';
import type { DirectoryLock } from './disk.js';
import type { LogView } from './log-view.js';
import { encodedBatchBytes } from './record-body.js';
import type { SegmentWriter } from './segment-writer.js';
import { StorageError } from './storage-error.js';
import type { LogStatistics, MeasuredLogStore } from './storage.js';

export interface DurableLogParts {
  readonly directory: string;
  readonly diskId: number;
  readonly view: LogView;
  readonly segments: SegmentWriter;
  readonly lock: DirectoryLock;
  readonly logger: Logger;
}

/** A batch on its way to the disk. */
interface Pending {
  readonly batch: AppendBatch;
  /** Its size within a record. */
  readonly bytes: number;
  /** Whether losing it is harmless: it changes nothing but the commit index. */
  readonly isHint: boolean;
  readonly durable: Deferred<void>;
}

/** A record takes no further batch beyond this; a single batch may be larger. */
const MAX_SHARED_RECORD_BYTES = 4 << 20;
const MAX_BATCH_BYTES = 1 << 30;

/**
 * The durable log: a view in memory that shows appends at once, and a queue that one flush after the other makes
 * durable. While a flush is under way the queue grows; the next flush takes all of it (group commit).
 */
export class DurableLog implements MeasuredLogStore {
  readonly #parts: DurableLogParts;
  readonly #queue: Pending[] = [];
  /** The last index and hard state of what was handed to the segments so far. */
  #writtenIndex: number;
  #writtenState: HardState;
  /** Whether the hard state above is still owed to the disk: it differs in its commit index alone. */
  #owesCommit = false;
  #flushing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #failure: StorageError | undefined;
  #fdatasyncs = 0;
  #appendedEntries = 0;
  #appendedBytes = 0;

  constructor(parts: DurableLogParts) {
    this.#parts = parts;
    this.#writtenIndex = parts.view.lastIndex();
    this.#writtenState = parts.view.hardState();
  }

  get diskId(): number {
    return this.#parts.diskId;
  }

  firstIndex(): Index {
    return this.#parts.view.firstIndex();
  }

  lastIndex(): Index {
    return this.#parts.view.lastIndex();
  }

  term(index: Index): Term | undefined {
    return this.#parts.view.term(index);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    return this.#parts.view.entries(from, to, maxBytes);
  }

  hardState(): HardState {
    return this.#parts.view.hardState();
  }

  statistics(): LogStatistics {
    return {
      fdatasyncs: this.#fdatasyncs,
      appendedEntries: this.#appendedEntries,
      appendedBytes: this.#appendedBytes,
    };
  }

  append(batch: AppendBatch): Promise<void> {
    const bytes = encodedBatchBytes(batch);
    const refusal = this.#refusalOf(batch, bytes);
    if (refusal) return Promise.reject(refusal);
    const isHint = isCommitOnly(batch, this.hardState());
    this.#parts.view.apply(batch);
    const durable = createDeferred<void>();
    this.#queue.push({ batch, bytes, isHint, durable });
    this.#flushing ??= this.#flush();
    return durable.promise;
  }

  snapshot(): undefined {
    return undefined;
  }

  saveSnapshot(): Promise<void> {
    return Promise.reject(new StorageError('Unavailable', 'snapshots are not stored yet'));
  }

  readSnapshot(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  compact(): Promise<void> {
    return Promise.reject(new StorageError('Unavailable', 'the log is not compacted yet'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #refusalOf(batch: AppendBatch, bytes: number): StorageError | undefined {
    if (this.#failure) return this.#failure;
    if (this.#closing)
      return new StorageError('Unavailable', `the log in ${this.#parts.directory} is closed`);
    const problem =
      bytes > MAX_BATCH_BYTES
        ? `a batch of ${bytes} bytes is larger than the limit of ${MAX_BATCH_BYTES}`
        : this.#parts.view.problemWith(batch);
    return problem === undefined ? undefined : new StorageError('InvalidArgument', problem);
  }

  async #flush(): Promise<void> {
    // Whoever appends in the same turn as the first shares its flush.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) await this.#flushOnce();
    } catch (error) {
      this.#poison(error);
    } finally {
      this.#flushing = undefined;
    }
  }

  /** Makes the front of the queue durable with one record, and tells those who wait. */
  async #flushOnce(): Promise<void> {
    const count = this.#needsRecord() ? await this.#writeRecord() : this.#skipHints();
    for (const { durable } of this.#queue.splice(0, count)) durable.resolve();
  }

  #needsRecord(): boolean {
    return this.#queue.some(({ bytes, isHint }) => bytes > 0 && !isHint);
  }

  /** Leaves a commit index to the next record: a flush of its own would cost more than the hint is worth. */
  #skipHints(): number {
    for (const { batch } of this.#queue) {
      if (!batch.hardState) continue;
      this.#writtenState = batch.hardState;
      this.#owesCommit = true;
    }
    return this.#queue.length;
  }

  /** Writes as many batches as share a record; resolves with their count. */
  async #writeRecord(): Promise<number> {
    const { segments } = this.#parts;
    const state: AppendBatch = { entries: [], hardState: this.#writtenState };
    const stateBytes = encodedBatchBytes(state);
    const firstBytes = this.#queue[0]?.bytes ?? 0;
    const mustRollOver = segments.room() < firstBytes + stateBytes;
    if (mustRollOver) await segments.rollOver(firstBytes + stateBytes, this.#writtenIndex + 1);

    // A segment begins with the hard state, so that those before it may go.
    const carriesState = mustRollOver || this.#owesCommit;
    const limit = Math.min(segments.room(), MAX_SHARED_RECORD_BYTES);
    let bytes = carriesState ? stateBytes : 0;
    const batches: AppendBatch[] = carriesState ? [state] : [];
    let count = 0;
    for (const pending of this.#queue) {
      if (count > 0 && bytes + pending.bytes > limit) break;
      bytes += pending.bytes;
      batches.push(pending.batch);
      count++;
    }
    await segments.write(batches, bytes);
    this.#noteWritten(batches);
    return count;
  }

  #noteWritten(batches: readonly AppendBatch[]): void {
    this.#fdatasyncs++;
    this.#owesCommit = false;
    for (const { entries, hardState } of batches) {
      this.#writtenIndex = entries.at(-1)?.index ?? this.#writtenIndex;
      this.#appendedEntries += entries.length;
      for (const entry of entries) this.#appendedBytes += entry.data.length;
      if (hardState) this.#writtenState = hardState;
    }
  }

  /** After a failure nobody can tell what is on the disk: nothing is written any more, and no flush retried. */
  #poison(error: unknown): void {
    const { directory, logger } = this.#parts;
    const message =
      `writing the log in ${directory} failed: ${messageOf(error)}; ` +
      `this process must end, opening the directory again recovers what was acknowledged`;
    const failure = new StorageError('DiskFailed', message, { cause: error });
    logger.log('error', failure.message, { directory });
    this.#failure = failure;
    for (const { durable } of this.#queue.splice(0)) durable.reject(failure);
  }

  async #close(): Promise<void> {
    const { lock, segments } = this.#parts;
    await this.#flushing;
    if (this.#owesCommit && !this.#failure) await this.#writeOwedCommit();
    try {
      await segments.close();
    } finally {
      await lock.release();
    }
  }

  async #writeOwedCommit(): Promise<void> {
    try {
      await this.#writeRecord();
    } catch (error) {
      this.#poison(error);
    }
  }
}

function isCommitOnly({ entries, hardState }: AppendBatch, before: HardState): boolean {
  return (
    hardState !== undefined &&
    entries.length === 0 &&
    hardState.term === before.term &&
    hardState.vote === before.vote
  );
}
