import { monotonicMs } from '../processes/monotonic.js';

const KEPT = 80;

/** What was done to the cluster, and when: counted by kind, and the last of it in words. */
export class Happenings {
  /** Of the clock that the histories have as well. */
  readonly startedMs = monotonicMs();
  readonly #counts = new Map<string, number>();
  readonly #last: string[] = [];

  /** @param kind Counted; nothing when it only is to be told. */
  note(words: string, kind?: string): void {
    this.#last.push(`${Math.round(monotonicMs() - this.startedMs)} ms  ${words}`);
    if (this.#last.length > KEPT) this.#last.shift();
    if (kind !== undefined) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** By kind, in the order of their names. */
  get counts(): readonly (readonly [string, number])[] {
    return [...this.#counts].toSorted(([left], [right]) => left.localeCompare(right));
  }

  get last(): readonly string[] {
    return this.#last;
  }
}
