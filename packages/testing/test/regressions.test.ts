import { describe, expect, it, vi } from 'vitest';
import { type FaultWeights, simulate } from '../src/index.js';
import { counterRun } from './support/counter-run.js';

vi.setConfig({ testTimeout: 120_000 });

/** Members come and go while nodes and links fail. */
const MEMBERS_CHANGE = {
  join: 4,
  remove: 4,
  replace: 4,
  transfer: 4,
  snapshot: 4,
  kill: 4,
  'power-cut': 4,
  split: 4,
} satisfies FaultWeights;

/**
 * Seeds that once failed, named after what was wrong. Whatever the product does otherwise gives a seed another course:
 * each fault has a test of its own beside, which needs no luck.
 */
describe('once wrong, and mended', () => {
  it('a follower that lags behind a change of the members answers a leader that it never heard of', async () => {
    // Without the mending: n2 never gets beyond entry 4. See `test/membership.test.ts`.
    const run = counterRun({ seed: 8106, faultEveryMs: 300, clients: 3, faults: MEMBERS_CHANGE });
    const { operations } = await simulate(run);
    expect(operations.returned).toBeGreaterThan(0);
  });
});
