import { messageOf, type Random } from '@decoraft/base';
import { decodePositional, encodePositional } from '@decoraft/protocol';
import { expect } from 'vitest';
import {
  disturbed,
  mutated,
  randomArguments,
  type RandomOperation,
} from '../../packages/protocol/test/support/random-values.js';
import { isSameValue } from '../../packages/rpc/test/support/same-value.js';
import type { Emitted } from './positional.js';

/**
 * What was emitted for an operation does as the reference does: with arguments that fit, with those that do not, and with
 * bytes that nobody wrote.
 *
 * @returns How many arguments fitted.
 */
export function expectAlike(random: Random, one: RandomOperation, emitted: Emitted, rounds: number): number {
  const { operation, types } = one;
  const same = (bytes: Uint8Array): unknown => {
    const reference = outcomeOf(() => decodePositional(operation, types, bytes, 'a.run'));
    expectSame(
      outcomeOf(() => emitted.decoder.decode(bytes, 'a.run')),
      reference,
    );
    return reference;
  };
  let fitting = 0;
  for (let round = 0; round < rounds; round++) {
    const args = randomArguments(random, one);
    const bytes = encodePositional(operation, types, args);
    expectSame(emitted.encode(args), bytes);
    const other = disturbed(random, args);
    if (Array.isArray(other)) expectSame(emitted.encode(other), encodePositional(operation, types, other));
    if (!bytes) continue;
    fitting++;
    expectSame(same(bytes), { value: args }, 'in any order');
    for (let change = 0; change < 4; change++) same(mutated(random, bytes));
  }
  return fitting;
}

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
