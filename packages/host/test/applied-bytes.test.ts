import { seededRandom } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { AppliedBytes } from '../src/applied-bytes.js';

const GRANULARITY = 100;

/** The same, with every entry remembered. */
class Twin {
  readonly entries: { readonly index: number; readonly bytes: number }[] = [];

  since(index: number): number {
    return this.#sum(index, Infinity);
  }

  reachingBack(index: number, bytes: number): number {
    const first = this.entries.find((entry) => this.#sum(entry.index, index) <= bytes);
    return this.#sum(0, index) <= bytes ? 0 : (first?.index ?? index);
  }

  #sum(from: number, through: number): number {
    let sum = 0;
    for (const { bytes, index } of this.entries) if (index > from && index <= through) sum += bytes;
    return sum;
  }
}

describe('bytes of applied entries', () => {
  it('are counted as a list of all entries would, to the granularity', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const [bytes, twin] = [new AppliedBytes(GRANULARITY), new Twin()];
      let index = 0;
      for (let step = 0; step < 60; step++) {
        index += 1 + Math.floor(random() * 5);
        const more = Math.floor(random() * 60);
        bytes.applied(index, more);
        twin.entries.push({ index, bytes: more });
        const asked = Math.floor(random() * (index + 1));
        const since = bytes.since(asked);
        expect(since).toBeGreaterThanOrEqual(twin.since(asked));
        expect(since).toBeLessThan(twin.since(asked) + GRANULARITY + 60);
        const limit = 500;
        const back = bytes.reachingBack(asked, limit);
        expect(back).toBeLessThanOrEqual(Math.max(asked, twin.reachingBack(asked, limit) + 60));
        const tail = twin.since(back) - twin.since(asked);
        if (back > 0) expect(tail).toBeLessThanOrEqual(limit + 2 * (GRANULARITY + 60));
      }
    }
  });

  it('are none before anything was applied, and all are when nothing is known of the place', () => {
    const bytes = new AppliedBytes(GRANULARITY);
    expect([bytes.since(0), bytes.reachingBack(0, 10)]).toEqual([0, 0]);
    bytes.applied(5, 1_000);
    expect(bytes.since(0)).toBe(1_000);
    expect(bytes.since(5)).toBe(0);
  });

  it('are forgotten up to a place, and counted on from there', () => {
    const bytes = new AppliedBytes(GRANULARITY);
    for (let index = 1; index <= 10; index++) bytes.applied(index, 200);
    bytes.forget(7);
    expect(bytes.since(7)).toBe(600);
    expect(bytes.since(9)).toBe(200);
    expect(bytes.reachingBack(10, 400)).toBe(8);
  });
});
