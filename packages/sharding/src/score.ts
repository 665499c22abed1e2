import { wideHash } from '@decoraft/base';

/** A member as the draw knows it: who it is, as two words, and how much it weighs. */
export interface Contestant {
  readonly id: string;
  readonly weight: number;
  readonly seed: number;
  readonly tweak: number;
}

const GOLDEN = 0x9e37_79b1;

const UTF8 = new TextEncoder();

/** 64 bits of a name, so that no two members ever draw alike. */
export function contestantOf(id: string, weight: number): Contestant {
  const hash = wideHash(UTF8.encode(id));
  return { id, weight, seed: parseInt(hash.slice(0, 8), 16), tweak: parseInt(hash.slice(8, 16), 16) };
}

/** What a contestant draws for a slot: 32 bits, unsigned, the same for ever. Murmur3's finalizer, once for each word. */
export function draw(slot: number, { seed, tweak }: Contestant): number {
  return finalize(finalize(Math.imul(slot + 1, GOLDEN) ^ seed) ^ tweak) >>> 0;
}

function finalize(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/**
 * How a draw of a weight compares with others: the lowest cost wins. The draw as a part of 1 is `u`, and the cost is
 * `-log2(u) / weight`: an exponential race, which each wins as often as its part of all weights.
 */
export function costOf(drawn: number, weight: number): number {
  return (32 - log2OfDraw(drawn)) / weight;
}

/**
 * The binary logarithm of `drawn + 1/2`, out of additions, multiplications and divisions alone: these are the same in
 * every engine, `Math.log` need not be, and two clients that differ in the last bit would own by different rings.
 */
function log2OfDraw(drawn: number): number {
  if (drawn === 0) return -1;
  const exponent = 31 - Math.clz32(drawn);
  const power = (1 << exponent) >>> 0;
  // The series of the area tangent, of at most 1/3: terms below 1e-12 are left out.
  const root = (drawn + 0.5 - power) / (drawn + 0.5 + power);
  const square = root * root;
  let sum = 0;
  for (let at = 0; at < COEFFICIENTS.length; at++) sum = sum * square + (COEFFICIENTS[at] ?? 0);
  return exponent + root * sum;
}

const LOG2_OF_E = 1.442_695_040_888_963_4;
/** Of the series, the last first. */
const COEFFICIENTS = [23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1].map((odd) => (2 * LOG2_OF_E) / odd);
