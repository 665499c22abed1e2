import { seededRandom } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { RemoteError, RpcError } from '@decoraft/rpc';
import { describe, expect, it } from 'vitest';
import { overloadPauseMs, retryAfterMsOf } from '../src/overload.js';

const data = { appended: false, retryAfterMs: 40 };
const refused = new RpcError('Overloaded', 'x', { retryAfterMs: 30 });

describe('a hint is found', () => {
  it.each<[string, unknown, number | undefined]>([
    ['in what a node refused with', new RemoteError('Overloaded', 'x', { data }), 40],
    ['in what became of that', DecoraftError.from(new RemoteError('Overloaded', 'x', { data })), 40],
    ['in what the RPC layer refused with', refused, 30],
    ['in what became of that', DecoraftError.from(refused), 30],
    [
      'not where there is none',
      new DecoraftError('Overloaded', 'x', { data: { appended: false } }),
      undefined,
    ],
    [
      'not where it is none',
      new DecoraftError('Overloaded', 'x', { data: { retryAfterMs: 'soon' } }),
      undefined,
    ],
    [
      'not where it is no time',
      new DecoraftError('Overloaded', 'x', { data: { retryAfterMs: NaN } }),
      undefined,
    ],
    ['not in what is no error of ours', new Error('x'), undefined],
    ['not in nothing', undefined, undefined],
  ])('%s', (_, thrown, hintMs) => {
    expect(retryAfterMsOf(thrown)).toBe(hintMs);
  });
});

it.each([
  ['half of the hint at least', 0, 100, 0, 50],
  ['as long as the hint in the middle', 0.5, 100, 0, 100],
  ['one and a half times as long at most', 0.999_999, 100, 0, 150],
  ['longer by what the call would wait without it', 0.5, 100, 70, 170],
])('a pause is %s', (_, random, hintMs, growing, expected) => {
  expect(overloadPauseMs(hintMs, growing, () => random)).toBeCloseTo(expected, 2);
});

it('those who were refused together come back spread over as much time as they were told to wait', () => {
  const random = seededRandom(3);
  const pauses = Array.from({ length: 1_000 }, () => overloadPauseMs(200, 0, random));
  const perTenth = Array.from({ length: 10 }, (_, tenth) => {
    const from = 100 + tenth * 20;
    return pauses.filter((pause) => pause >= from && pause < from + 20).length;
  });
  expect(perTenth.reduce((sum, count) => sum + count)).toBe(1_000);
  for (const count of perTenth) expect(count).toBeGreaterThan(60);
});
