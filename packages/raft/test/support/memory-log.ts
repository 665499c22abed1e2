import type { AppendBatch, Entry, HardState, Index, LogReader, Term } from '../../src/index.js';
import { index, NOBODY, term } from '../../src/index.js';

const ZERO: HardState = { term: term(0), vote: NOBODY, commit: index(0) };

/** What a disk holds. */
export interface Disk {
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
}

export const EMPTY_DISK: Disk = { entries: [], hardState: ZERO };

/** The naive log store: shows at once what was written, and keeps beside it what a crash would leave. */
export class MemoryLog implements LogReader {
  #shown: readonly Entry[];
  #disk: Disk;
  readonly #writes: AppendBatch[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#shown = disk.entries;
  }

  get shown(): readonly Entry[] {
    return this.#shown;
  }

  /** What is durable. */
  get disk(): Disk {
    return this.#disk;
  }

  append(batch: AppendBatch): void {
    this.#shown = overwrite(this.#shown, batch.entries);
    this.#writes.push(batch);
  }

  /** The oldest write becomes durable. */
  flush(): void {
    const batch = this.#writes.shift();
    if (!batch) throw new Error('nothing is being written');
    const entries = overwrite(this.#disk.entries, batch.entries);
    this.#disk = { entries, hardState: batch.hardState ?? this.#disk.hardState };
  }

  firstIndex(): Index {
    return index(1);
  }

  lastIndex(): Index {
    return index(this.#shown.length);
  }

  term(at: Index): Term | undefined {
    return at === 0 ? term(0) : this.#shown[at - 1]?.term;
  }

  snapshot(): undefined {
    return undefined;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    if (from < 1 || to > this.#shown.length + 1) throw new RangeError(`no entries [${from}, ${to})`);
    let bytes = 0;
    let end: number = from;
    for (; end < to; end++) {
      bytes += this.#shown[end - 1]?.data.length ?? 0;
      if (end > from && bytes > maxBytes) break;
    }
    return this.#shown.slice(from - 1, end - 1);
  }
}

function overwrite(entries: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
  const first = more[0];
  if (!first) return entries;
  if (first.index > entries.length + 1) throw new Error(`a gap before entry ${first.index}`);
  return [...entries.slice(0, first.index - 1), ...more];
}
