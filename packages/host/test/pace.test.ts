import { expect, it } from 'vitest';
import { Pace } from '../src/pace.js';

/** Something left every so many milliseconds, for so long. */
function paceOf({ bytes = 0, everyMs, forMs }: { bytes?: number; everyMs: number; forMs: number }): Pace {
  const pace = new Pace();
  pace.begin(0);
  for (let nowMs = everyMs; nowMs <= forMs; nowMs += everyMs) pace.left(bytes, nowMs);
  return pace;
}

it.each([
  ['half of what waits, at the pace at which things left', { everyMs: 2, forMs: 400 }, 200, 400, 200],
  ['the same when that has lasted', { everyMs: 2, forMs: 10_000 }, 200, 10_000, 200],
  ['never less than 10 ms', { everyMs: 1, forMs: 400 }, 1, 400, 10],
  ['never more than a second', { everyMs: 100, forMs: 5_000 }, 1_000_000, 5_000, 1_000],
  ['as long as nothing has left at all', { everyMs: 999, forMs: 0 }, 50, 333, 333],
])('a hint is %s', (_, history, count, nowMs, expected) => {
  const hintMs = paceOf(history).retryAfterMs({ count, bytes: 0 }, nowMs);
  expect(Math.abs(hintMs - expected)).toBeLessThanOrEqual(0.1 * expected);
});

it('a hint counts bytes where these are what takes long', () => {
  const pace = paceOf({ everyMs: 10, forMs: 1_000, bytes: 1_000 });
  expect(pace.retryAfterMs({ count: 4, bytes: 4_000 }, 1_000)).toBeLessThan(30);
  expect(pace.retryAfterMs({ count: 4, bytes: 100_000 }, 1_000)).toBeGreaterThan(400);
});

it('what leaves within some time is as much as has left in such a time before', () => {
  const pace = paceOf({ everyMs: 10, forMs: 1_000, bytes: 50 });
  const { bytes, count } = pace.leavingWithin(2_000, 1_000);
  expect(count).toBeGreaterThan(190);
  expect(count).toBeLessThan(210);
  expect(bytes).toBeCloseTo(50 * count);
  expect(new Pace().leavingWithin(1_000, 5)).toEqual({ count: 0, bytes: 0 });
});

it('a hint forgets how fast it was before the node was idle, or slower', () => {
  const pace = paceOf({ everyMs: 1, forMs: 1_000 });
  pace.begin(60_000);
  expect(pace.retryAfterMs({ count: 100, bytes: 0 }, 60_250)).toBe(250);
  const slower = paceOf({ everyMs: 1, forMs: 1_000 });
  for (let nowMs = 1_100; nowMs <= 2_500; nowMs += 100) slower.left(0, nowMs);
  expect(slower.retryAfterMs({ count: 10, bytes: 0 }, 2_500)).toBeGreaterThan(400);
});
