import { describe, expect, test } from 'vitest';
import { Chaos, type Reached } from './support/chaos.js';

const STEPS = 3000;
const SEEDS = 200;
/** Some ten election timeouts: split votes happen, for ever they do not. */
const TICKS_TO_HEAL = 120;

/** Set to run one seed, or others than the usual ones: `DECORAFT_SEED=7`, `DECORAFT_SEEDS=1000`. */
const only = process.env['DECORAFT_SEED'];
const seeds =
  only === undefined
    ? Array.from({ length: Number(process.env['DECORAFT_SEEDS'] ?? SEEDS) }, (_, seed) => seed + 1)
    : [Number(only)];

describe('whatever is lost, repeated, overtaken, cut off or crashes', () => {
  test('all facts hold after every step, and progress returns', () => {
    const total: Reached[] = seeds.map((seed) => {
      const chaos = new Chaos(seed);
      try {
        chaos.run(STEPS);
        return chaos.heal(TICKS_TO_HEAL);
      } catch (cause) {
        throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
      }
    });
    const sum = (name: keyof Reached): number => total.reduce((all, reached) => all + reached[name], 0);
    // A run in which nothing happens proves nothing.
    expect(sum('committed')).toBeGreaterThan(20 * seeds.length);
    expect(sum('terms')).toBeGreaterThan(5 * seeds.length);
    expect(sum('reads')).toBeGreaterThan(5 * seeds.length);
    expect(sum('crashes')).toBeGreaterThan(5 * seeds.length);
    expect(sum('configurations')).toBeGreaterThan(seeds.length);
    expect(sum('installed')).toBeGreaterThan(seeds.length / 4);
    expect(sum('rests')).toBeGreaterThan(seeds.length / 10);
    expect(sum('transfers')).toBeGreaterThan(seeds.length / 10);
  }, 600_000);
});
