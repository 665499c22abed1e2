import type { AppendBatch, Entry, HardState, Index, LogReader, NodeId, Term } from '@decoraft/raft';

/** The hard state of a server that has not heard of any term yet. */
export const ZERO_HARD_STATE: HardState = { term: 0 as Term, vote: '' as NodeId, commit: 0 as Index };

/** The log as of the last append, in memory: entry `i` is at place `i - 1`. */
export class LogView implements LogReader {
  readonly #entries: Entry[];
  #hardState: HardState;

  /** Takes `entries` over: they start at index 1 and have no gap. */
  constructor(entries: Entry[] = [], hardState: HardState = ZERO_HARD_STATE) {
    this.#entries = entries;
    this.#hardState = hardState;
  }

  firstIndex(): Index {
    return 1 as Index;
  }

  lastIndex(): Index {
    return this.#entries.length as Index;
  }

  snapshot(): undefined {
    return undefined;
  }

  hardState(): HardState {
    return this.#hardState;
  }

  term(index: Index): Term | undefined {
    return index === 0 ? (0 as Term) : this.#entries[index - 1]?.term;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    if (!(from >= 1 && from <= to && to <= this.#entries.length + 1)) {
      throw new RangeError(`entries [${from}, ${to}) asked of a log that holds [1, ${this.lastIndex() + 1})`);
    }
    let end = from - 1;
    let bytes = 0;
    while (end < to - 1) {
      bytes += this.#entries[end]?.data.length ?? 0;
      if (bytes > maxBytes && end > from - 1) break;
      end++;
    }
    return this.#entries.slice(from - 1, end);
  }

  /** Why `batch` cannot follow on this log; `undefined` when it can. */
  problemWith({ entries, hardState }: AppendBatch): string | undefined {
    const first = entries[0];
    if (first && !(first.index >= 1 && first.index <= this.#entries.length + 1)) {
      return `the batch begins at index ${first.index}, the log ends at ${this.lastIndex()}`;
    }
    let index: number = first?.index ?? 0;
    let term: number = first ? (this.term((index - 1) as Index) ?? 0) : 0;
    for (const entry of entries) {
      if (entry.index !== index) return `index ${entry.index} follows index ${index - 1} within a batch`;
      if (entry.term < term) return `term ${entry.term} at index ${index} follows term ${term}`;
      index++;
      term = entry.term;
    }
    if (hardState && hardState.term < this.#hardState.term) {
      return `hard state of term ${hardState.term} follows that of term ${this.#hardState.term}`;
    }
    return undefined;
  }

  /** Shows `batch`, which must have no problem. */
  apply({ entries, hardState }: AppendBatch): void {
    const first = entries[0];
    if (first) {
      // Setting the length costs even where it stays the same.
      if (first.index <= this.#entries.length) this.#entries.length = first.index - 1;
      for (const entry of entries) this.#entries.push(entry);
    }
    if (hardState) this.#hardState = hardState;
  }
}
