import type {
  AppendBatch,
  Entry,
  HardState,
  Index,
  LogReader,
  SnapshotMetadata,
  Term,
} from '../../src/index.js';
import { index, NOBODY, term } from '../../src/index.js';

const ZERO: HardState = { term: term(0), vote: NOBODY, commit: index(0) };

/** A log from its beginning, or from behind the place where it was compacted. */
export interface LogContent {
  /** All entries up to here are dropped; none by default. */
  readonly compacted?: { readonly index: number; readonly term: number };
  /** Without a gap behind that. */
  readonly entries: readonly Entry[];
}

/** A snapshot as a whole: in these tests, its data is small. */
export interface Snapshot extends SnapshotMetadata {
  readonly data: Uint8Array;
}

/** What is written, with the data of the snapshot that storage would have received before. */
export interface WholeBatch extends AppendBatch {
  readonly snapshot?: Snapshot;
}

const WHOLE = { index: 0, term: 0 };

/** What a disk holds. */
export interface Disk extends LogContent {
  readonly hardState: HardState;
  /** The newest one. */
  readonly snapshot?: Snapshot;
}

export const EMPTY_DISK: Disk = { entries: [], hardState: ZERO };

export function entryAt({ compacted = WHOLE, entries }: LogContent, at: number): Entry | undefined {
  return entries[at - compacted.index - 1];
}

export function lastIndexOf({ compacted = WHOLE, entries }: LogContent): Index {
  return index(compacted.index + entries.length);
}

export function termAt(content: LogContent, at: number): Term | undefined {
  const { compacted = WHOLE } = content;
  return at === compacted.index ? term(compacted.term) : entryAt(content, at)?.term;
}

/** The naive log store: shows at once what was written, and keeps beside it what a crash would leave. */
export class MemoryLog implements LogReader {
  #shown: LogContent;
  #disk: Disk;
  readonly #writes: WholeBatch[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#shown = disk;
  }

  /** As of the last write that began. */
  get shown(): readonly Entry[] {
    return this.#shown.entries;
  }

  get content(): LogContent {
    return this.#shown;
  }

  /** What is durable. */
  get disk(): Disk {
    return this.#disk;
  }

  append(batch: WholeBatch): void {
    this.#shown = written(this.#shown, batch);
    this.#writes.push(batch);
  }

  /** The oldest write becomes durable. */
  flush(): void {
    const batch = this.#writes.shift();
    if (!batch) throw new Error('nothing is being written');
    const hardState = batch.hardState ?? this.#disk.hardState;
    this.#disk = { ...this.#disk, ...written(this.#disk, batch), hardState };
    if (batch.snapshot) this.saveSnapshot(batch.snapshot);
  }

  /** Durable at once. */
  saveSnapshot(snapshot: Snapshot): void {
    if (snapshot.index > (this.#disk.snapshot?.index ?? 0)) this.#disk = { ...this.#disk, snapshot };
  }

  /** Durable at once, and safe: a snapshot has all that is dropped. */
  compact(through: number): void {
    if (through > (this.#disk.snapshot?.index ?? 0)) throw new Error(`no snapshot has entry ${through}`);
    this.#shown = without(this.#shown, through);
    this.#disk = { ...this.#disk, ...without(this.#disk, through) };
  }

  snapshot(): Snapshot | undefined {
    return this.#disk.snapshot;
  }

  firstIndex(): Index {
    return index((this.#shown.compacted ?? WHOLE).index + 1);
  }

  lastIndex(): Index {
    return lastIndexOf(this.#shown);
  }

  term(at: Index): Term | undefined {
    return termAt(this.#shown, at);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    const first = this.firstIndex();
    if (from < first || to > this.lastIndex() + 1) throw new RangeError(`no entries [${from}, ${to})`);
    let bytes = 0;
    let end: number = from;
    for (; end < to; end++) {
      bytes += entryAt(this.#shown, end)?.data.length ?? 0;
      if (end > from && bytes > maxBytes) break;
    }
    return this.#shown.entries.slice(from - first, end - first);
  }
}

function written(content: LogContent, { entries, snapshot }: AppendBatch): LogContent {
  return overwrite(snapshot ? replaced(content, snapshot) : content, entries);
}

/** What is behind a snapshot stays only where the log has the snapshot's own place (§7, figure 13). */
function replaced(content: LogContent, snapshot: SnapshotMetadata): LogContent {
  if (termAt(content, snapshot.index) === snapshot.term) return without(content, snapshot.index);
  const { index: at, term: inTerm } = snapshot;
  return { compacted: { index: at, term: inTerm }, entries: [] };
}

function without(content: LogContent, through: number): LogContent {
  const { compacted = WHOLE, entries } = content;
  const droppedTerm = termAt(content, through);
  if (through <= compacted.index || droppedTerm === undefined) return content;
  return {
    compacted: { index: through, term: droppedTerm },
    entries: entries.slice(through - compacted.index),
  };
}

function overwrite(content: LogContent, more: readonly Entry[]): LogContent {
  const first = more[0];
  if (!first) return content;
  const { compacted = WHOLE, entries } = content;
  if (first.index > lastIndexOf(content) + 1) throw new Error(`a gap before entry ${first.index}`);
  if (first.index <= compacted.index) throw new Error(`entry ${first.index} is compacted already`);
  return { compacted, entries: [...entries.slice(0, first.index - compacted.index - 1), ...more] };
}
