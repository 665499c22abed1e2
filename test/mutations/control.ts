import { hunt, type SeedOutcome, seedsBetween } from './hunt.js';
import { Mutant } from './mutant.js';
import type { Theme } from './world/themes.js';

const NO_LIMIT_MS = 3_600_000;

/** The product as it is: without it, a mutation that is caught would say nothing. */
export class Control {
  readonly #mutant = new Mutant(undefined);
  /** By theme: how many seeds have passed. */
  readonly #passed = new Map<Theme, number>();

  /** How it fails in one of the seeds up to `last`; `undefined` when it passes all of them. Runs each seed once. */
  async failureUpTo(theme: Theme, last: number): Promise<SeedOutcome | undefined> {
    const passed = this.#passed.get(theme) ?? 0;
    if (last <= passed) return undefined;
    const seeds = seedsBetween(passed + 1, last);
    const outcomes = await hunt(this.#mutant, { theme, seeds, limitMs: NO_LIMIT_MS });
    const failure = outcomes.find(({ broken }) => broken !== undefined);
    if (!failure) this.#passed.set(theme, last);
    return failure;
  }

  remove(): void {
    this.#mutant.remove();
  }
}
