import {
  type AppendBatch,
  type Entry,
  type HardState,
  index,
  type Index,
  type LogStore,
  NOBODY,
  term,
} from '@decoraft/raft';

/** A log that begins empty, and notes what was appended. */
export class EmptyLog implements LogStore {
  readonly batches: AppendBatch[] = [];

  get #entries(): readonly Entry[] {
    return this.batches.flatMap(({ entries }) => entries);
  }

  firstIndex(): Index {
    return index(1);
  }

  lastIndex(): Index {
    return index(this.#entries.length);
  }

  term(at: Index) {
    return at === 0 ? term(0) : this.#entries[at - 1]?.term;
  }

  entries(from: Index, to: Index): readonly Entry[] {
    return this.#entries.slice(from - 1, to - 1);
  }

  hardState(): HardState {
    return this.batches.at(-1)?.hardState ?? { term: term(0), vote: NOBODY, commit: index(0) };
  }

  append(batch: AppendBatch): Promise<void> {
    this.batches.push(batch);
    return Promise.resolve();
  }

  snapshot(): undefined {
    return undefined;
  }

  saveSnapshot(): Promise<void> {
    return Promise.reject(new Error('an empty log takes no snapshot'));
  }

  receiveSnapshot(): Promise<never> {
    return Promise.reject(new Error('an empty log receives no snapshot'));
  }

  readSnapshot(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  compact(): Promise<void> {
    return Promise.reject(new Error('an empty log is not compacted'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
