import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEncode, DecoraftError } from '../src/index.js';

const same = (left: unknown, right: unknown): boolean =>
  Buffer.from(canonicalEncode(left)).equals(Buffer.from(canonicalEncode(right)));

describe('equal values have equal canonical bytes', () => {
  it.each<[string, unknown, unknown]>([
    ['-0 and 0', -0, 0],
    ['every NaN', Number.NaN, new Float64Array(new Uint8Array([1, 0, 0, 0, 0, 0, 0xf8, 0xff]).buffer)[0]],
    ['keys in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['an undefined property and an absent one', { a: undefined, b: 1 }, { b: 1 }],
    [
      'maps in another order',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['sets in another order', new Set([1, 2, 3]), new Set([3, 1, 2])],
    ['dates of one time', new Date(5), new Date(5)],
  ])('%s', (_, left, right) => {
    expect(same(left, right)).toBe(true);
  });

  it('whatever the order of keys, at any depth', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        return same(value, reversed);
      }),
    );
  });
});

describe('different values have different canonical bytes', () => {
  it.each<[string, unknown, unknown]>([
    ['a number and its text', 1, '1'],
    ['a number and a bigint', 1, 1n],
    ['null and undefined', null, undefined],
    ['an empty array and an empty object', [], {}],
    ['an array and a set', [1], new Set([1])],
    ['an object and a map', { a: 1 }, new Map([['a', 1]])],
    ['normalisation forms of one letter', 'é', 'e\u0301'],
    ['two lone surrogates', '\ud800', '\ud801'],
    ['where a boundary lies', ['ab', 'c'], ['a', 'bc']],
    ['the sign of a bigint', 5n, -5n],
  ])('%s', (_, left, right) => {
    expect(same(left, right)).toBe(false);
  });

  it('any two JSON values that differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const normal = (value: unknown): string => JSON.stringify(value, sortKeys);
        return same(left, right) === (normal(left) === normal(right));
      }),
    );
  });
});

describe('what is not data is refused', () => {
  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
  ])('%s', (_, value) => {
    expect(() => canonicalEncode(value)).toThrow(DecoraftError);
  });

  it('a cycle, by its depth', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => canonicalEncode(cycle)).toThrow('nested deeper');
  });
});

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
