import { monotonicMs } from '../processes/monotonic.js';

/** What was done to the cluster, and when: counted by kind, and the last of it in words. */
export class Happenings {
  /** Of the clock that the histories have as well. */
  readonly startedMs = monotonicMs();
  readonly #counts = new Map<string, number>();
  readonly #all: { readonly atMs: number; readonly words: string }[] = [];

  /** @param kind Counted; nothing when it only is to be told. */
  note(words: string, kind?: string): void {
    this.#all.push({ atMs: Math.round(monotonicMs() - this.startedMs), words });
    if (kind !== undefined) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** By kind, in the order of their names. */
  get counts(): readonly (readonly [string, number])[] {
    return [...this.#counts].toSorted(([left], [right]) => left.localeCompare(right));
  }

  /** What happened in some time, a line each. */
  between(fromMs: number, untilMs: number): readonly string[] {
    return this.#all
      .filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs)
      .map(({ atMs, words }) => `  ${atMs} ms  ${words}`);
  }
}
