import { expect, it } from 'vitest';
import { checkGroupLimits, DEFAULT_GROUP_LIMITS } from '../src/index.js';

it('limits of a group are integers from 1, as large as a count can be written', () => {
  expect(checkGroupLimits({ ...DEFAULT_GROUP_LIMITS })).toEqual(DEFAULT_GROUP_LIMITS);
  expect(checkGroupLimits({ sessions: 1, timers: 0xffff_ffff })).toEqual({
    sessions: 1,
    timers: 0xffff_ffff,
  });
  expect(checkGroupLimits({ sessions: undefined })).toEqual({});
  for (const value of [0, -1, 1.5, NaN, Infinity, 2 ** 32, '5', null]) {
    expect(() => checkGroupLimits({ pendingEvents: value })).toThrow(
      `InvalidArgument: limit pendingEvents must be an integer from 1 to 4294967295, not ${String(value)}`,
    );
  }
});

it('a name that is no limit is refused by name, also one that every object has', () => {
  for (const name of ['session', '__proto__', 'constructor']) {
    const given = Object.fromEntries([[name, 5]]);
    expect(() => checkGroupLimits(given)).toThrow(`${name} is no limit of a group; these are: sessions, `);
  }
});
