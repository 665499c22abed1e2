import { type Random, seededRandom, stableHash } from '@decoraft/base';

/**
 * All randomness of one run, forked by concern: who draws one number more moves nobody else's numbers. A fault that
 * is added to the menu, or removed by the shrinker, leaves the rest of the run as it was for as long as possible.
 */
export class Randomness {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The sequence of one concern; the same name gives the same sequence, from its start. */
  fork(concern: string): Random {
    // stableHash mixes well, so that seeds 1 and 2 have nothing in common.
    return seededRandom(stableHash(`${this.#seed}:${concern}`));
  }
}

/** A whole number from `least` up to, not including, `end`. */
export function integerBetween(random: Random, least: number, end: number): number {
  return least + Math.floor(random() * (end - least));
}

/** A duration, in microsecond steps, so that traces stay readable. */
export function millisecondsBetween(random: Random, leastMs: number, endMs: number): number {
  return Math.round((leastMs + random() * (endMs - leastMs)) * 1_000) / 1_000;
}

/** One of `choices`; throws when there is none. */
export function choose<Choice>(random: Random, choices: readonly Choice[]): Choice {
  const choice = choices[integerBetween(random, 0, choices.length)];
  if (choice === undefined) throw new RangeError('nothing to choose from');
  return choice;
}
