/** Randomness as a port: a number in [0, 1), as `Math.random` gives it. */
export type Random = () => number;

/** The randomness of this process. */
export const systemRandom: Random = () => Math.random();

/** The same sequence for the same seed on every platform (mulberry32). For tests and entries, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
