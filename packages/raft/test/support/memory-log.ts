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

/** A snapshot whose state is what was applied. It goes from server to server as one object, message and data. */
export interface Image extends SnapshotMetadata {
  readonly applied: readonly Entry[];
}

/** What a disk holds. */
export interface Disk {
  /** Without a gap, from the beginning, or behind what was compacted. */
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
  /** Up to where the log was compacted, with the term there. */
  readonly compacted?: { readonly index: Index; readonly term: Term };
  readonly image?: Image;
}

export const EMPTY_DISK: Disk = { entries: [], hardState: ZERO };

/** One durable step, as `AppendBatch`. */
export interface Batch extends Omit<AppendBatch, 'snapshot'> {
  readonly snapshot?: Image;
}

/** The naive log store: shows at once what was written, and keeps beside it what a crash would leave. */
export class MemoryLog implements LogReader {
  #shown: Disk;
  #disk: Disk;
  readonly #writes: Batch[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#shown = disk;
  }

  get shown(): readonly Entry[] {
    return this.#shown.entries;
  }

  /** What is durable. */
  get disk(): Disk {
    return this.#disk;
  }

  append(batch: Batch): void {
    this.#shown = write(this.#shown, batch);
    this.#writes.push(batch);
  }

  /** The oldest write becomes durable. */
  flush(): void {
    const batch = this.#writes.shift();
    if (!batch) throw new Error('nothing is being written');
    this.#disk = write(this.#disk, batch);
  }

  /** Durable at once. */
  saveImage(image: Image): void {
    this.#shown = { ...this.#shown, image };
    this.#disk = { ...this.#disk, image };
  }

  /** Durable at once. */
  compact(through: Index): void {
    const at = { index: through, term: this.term(through) ?? term(0) };
    this.#shown = compactTo(this.#shown, at);
    this.#disk = compactTo(this.#disk, at);
  }

  snapshot(): Image | undefined {
    return this.#disk.image;
  }

  firstIndex(): Index {
    return index((this.#shown.compacted?.index ?? 0) + 1);
  }

  lastIndex(): Index {
    return index(this.firstIndex() - 1 + this.shown.length);
  }

  term(at: Index): Term | undefined {
    return termIn(this.#shown, at);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    const first = this.firstIndex();
    if (from < first || to > this.lastIndex() + 1) throw new RangeError(`no entries [${from}, ${to})`);
    let bytes = 0;
    let end: number = from;
    for (; end < to; end++) {
      bytes += this.shown[end - first]?.data.length ?? 0;
      if (end > from && bytes > maxBytes) break;
    }
    return this.shown.slice(from - first, end - first);
  }
}

function firstOf({ compacted }: Disk): number {
  return (compacted?.index ?? 0) + 1;
}

function termIn(disk: Disk, at: number): Term | undefined {
  if (at === firstOf(disk) - 1) return disk.compacted?.term ?? term(0);
  return disk.entries[at - firstOf(disk)]?.term;
}

function write(disk: Disk, { entries, hardState, snapshot }: Batch): Disk {
  const installed = snapshot ? install(disk, snapshot) : disk;
  const shown = overwrite(installed, entries);
  return { ...installed, entries: shown, hardState: hardState ?? installed.hardState };
}

function install(disk: Disk, image: Image): Disk {
  const matches = termIn(disk, image.index) === image.term;
  return { ...compactTo(matches ? disk : { ...disk, entries: [] }, image), image };
}

function compactTo(disk: Disk, { index: at, term: inTerm }: { index: Index; term: Term }): Disk {
  if (at < firstOf(disk)) return disk;
  const entries = disk.entries.filter((entry) => entry.index > at);
  return { ...disk, entries, compacted: { index: at, term: inTerm } };
}

function overwrite(disk: Disk, more: readonly Entry[]): readonly Entry[] {
  const first = more[0];
  if (!first) return disk.entries;
  const at = first.index - firstOf(disk);
  if (at < 0) throw new Error(`entry ${first.index} was compacted`);
  if (at > disk.entries.length) throw new Error(`a gap before entry ${first.index}`);
  return [...disk.entries.slice(0, at), ...more];
}
