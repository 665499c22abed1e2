import { messageOf, seededRandom } from '@decoraft/base';
import { decodePositional, encodePositional, travelsByPosition } from '@decoraft/protocol';
import * as fc from 'fast-check';
import { isSameValue } from '../../packages/rpc/test/support/same-value.js';
import { describe, expect, test } from 'vitest';
import {
  disturbed,
  mutated,
  randomArguments,
  randomOperation,
} from '../../packages/protocol/test/support/random-values.js';
import { runEmitted } from './positional.js';

/** What came of it: a value, or why not. */
function outcomeOf(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch (thrown) {
    return { message: messageOf(thrown) };
  }
}

function expectSame(left: unknown, right: unknown, order?: 'in any order'): void {
  // Far quicker than vitest's own comparison, which is left to tell what differs.
  if (!isSameValue(left, right, order)) expect(left).toStrictEqual(right);
}

describe('emitted encoders and decoders do as the reference does', () => {
  const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

  test('for values of random types, for values that do not fit, and for bytes that nobody wrote', () => {
    let fitting = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const one = randomOperation(random);
        const { operation, types } = one;
        const [emitted] = runEmitted([one]);
        expect(emitted !== undefined).toBe(travelsByPosition(operation, types));
        if (!emitted) return;
        const same = (bytes: Uint8Array): unknown => {
          const reference = outcomeOf(() => decodePositional(operation, types, bytes, 'a.run'));
          expectSame(
            outcomeOf(() => emitted.decoder.decode(bytes, 'a.run')),
            reference,
          );
          return reference;
        };
        for (let round = 0; round < 8; round++) {
          const args = randomArguments(random, one);
          const bytes = encodePositional(operation, types, args);
          expectSame(emitted.encode(args), bytes);
          const other = disturbed(random, args);
          if (Array.isArray(other))
            expectSame(emitted.encode(other), encodePositional(operation, types, other));
          if (!bytes) continue;
          fitting++;
          expectSame(same(bytes), { value: args }, 'in any order');
          for (let change = 0; change < 4; change++) same(mutated(random, bytes));
        }
      }),
      { numRuns: 400 },
    );
    expect(fitting).toBeGreaterThan(1_000);
  });
});
