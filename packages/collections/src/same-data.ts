import { canonicalKey } from 'decoraft';
import type { Data } from './data.js';

/**
 * Whether two values are equal as data: what a comparison before a change means. Structure counts, identity does not;
 * the order of an object's keys, of a Map and of a Set does not count; 0 is -0, and NaN is NaN.
 */
export function isSameData(one: Data | undefined, other: Data | undefined): boolean {
  if (one === other) return true;
  // Most comparisons of what is no structure end here, without anything being encoded.
  if (typeof one !== typeof other) return false;
  return canonicalKey(one) === canonicalKey(other);
}
