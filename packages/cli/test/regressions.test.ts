import { simulate } from '@decoraft/testing';
import { describe, expect, it } from 'vitest';
import { PROOF } from '../src/index.js';

/**
 * Seeds of the proof that once failed, named after what was wrong. Another product gives a seed another course: each
 * fault has a test of its own beside, which needs no luck.
 */
describe('once wrong, and mended', () => {
  it.each([
    [50_015, 5, 'a follower behind a change of the members could not answer (test/membership.test.ts)'],
    [50_462, 3, 'a flipped bit in the last record was held for a loss, and is a torn write to all who look'],
    [50_529, 5, 'a server that closed kept a connection that was on its way (rpc/test/server.test.ts)'],
    [100_206, 3, 'a client knew none of those that had replaced the others (test/membership.test.ts)'],
    [
      300_335,
      5,
      'a bit that had flipped was read when the operator had gone: the simulator mends what is noticed late',
    ],
    [400_464, 3, 'a node that was to begin with an empty disk found it full, which it may end with'],
  ])('seed %i, %i nodes: %s', { timeout: 120_000 }, async (seed, nodes) => {
    const { operations } = await simulate({ ...PROOF, seed, nodes });
    expect(operations.returned).toBeGreaterThan(0);
  });
});
