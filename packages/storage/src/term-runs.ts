import type { Index, Term } from '@decoraft/raft';

/** Consecutive entries of one term, from `from` up to where the next run begins. */
export interface TermRun {
  readonly from: Index;
  readonly term: Term;
}

/**
 * The term of every entry, in memory that grows with the terms and not with the entries. Knows neither where the log
 * begins nor where it ends: its user asks for indexes within.
 */
export class TermRuns {
  /** Ascending in both fields. */
  #runs: TermRun[];

  constructor(runs: readonly TermRun[] = []) {
    this.#runs = [...runs];
  }

  get runs(): readonly TermRun[] {
    return this.#runs;
  }

  /** The term at `index`; `undefined` before the first run. */
  termAt(index: number): Term | undefined {
    const runs = this.#runs;
    const last = runs.at(-1);
    if (last && index >= last.from) return last.term;
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((runs[middle]?.from ?? Infinity) <= index) low = middle + 1;
      else high = middle;
    }
    return runs[low - 1]?.term;
  }

  /** The entry at `index`, behind all others, is of `term`. */
  append(index: Index, term: Term): void {
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ from: index, term });
  }

  /** The entries from `index` on are gone. */
  cutFrom(index: number): void {
    for (let last = this.#runs.at(-1); last && last.from >= index; last = this.#runs.at(-1)) this.#runs.pop();
  }

  /** The entries up to `index` are gone. */
  dropThrough(index: number): void {
    const behind = this.#runs.findIndex(({ from }) => from > index + 1);
    const first = (behind === -1 ? this.#runs.length : behind) - 1;
    const run = this.#runs[first];
    if (run)
      this.#runs.splice(0, first + 1, { from: Math.max(run.from, index + 1) as Index, term: run.term });
  }
}
