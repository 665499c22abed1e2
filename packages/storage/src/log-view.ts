import {
  type Entry,
  type HardState,
  type Index,
  index,
  type LogReader,
  NOBODY,
  type Term,
  term,
} from '@decoraft/raft';
import type { AppendBatch } from '@decoraft/raft';

const ZERO_STATE: HardState = { term: term(0), vote: NOBODY, commit: index(0) };

/** The log as of the last append, in memory: what the core reads, whatever the disk is doing. */
export class LogView implements LogReader {
  readonly #entries: Entry[] = [];
  #hardState = ZERO_STATE;

  firstIndex(): Index {
    return index(1);
  }

  lastIndex(): Index {
    return index(this.#entries.length);
  }

  term(at: Index): Term | undefined {
    return at === 0 ? term(0) : this.#entries[at - 1]?.term;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    if (from < 1 || to > this.lastIndex() + 1 || from > to) {
      throw new RangeError(
        `entries ${from} to ${to} are outside of the log, which ends at ${this.lastIndex()}`,
      );
    }
    let end: number = from;
    for (let bytes = 0; end < to; end++) {
      bytes += this.#entries[end - 1]?.data.length ?? 0;
      if (bytes > maxBytes && end > from) break;
    }
    return this.#entries.slice(from - 1, end - 1);
  }

  hardState(): HardState {
    return this.#hardState;
  }

  /** @throws RangeError when the entries would leave a gap. */
  apply({ entries, hardState }: AppendBatch): void {
    const [first] = entries;
    if (first) {
      if (first.index < 1 || first.index > this.lastIndex() + 1) {
        throw new RangeError(`entry ${first.index} does not follow the last one, ${this.lastIndex()}`);
      }
      this.#entries.length = first.index - 1;
      for (const entry of entries) this.#entries.push(entry);
    }
    if (hardState) this.#hardState = hardState;
  }
}
