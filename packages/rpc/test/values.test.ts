import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeValue, RpcError } from '../src/index.js';
import { isSameValue } from './support/same-value.js';

const roundTrip = (value: unknown) => decodeValue(encodeValue(value));

const keys = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '__proto__',
    '__proto_',
    'constructor',
    'toJSON',
    'then',
    'hasOwnProperty',
    'toString',
    '0',
    '',
  ),
);

/** Everything that can be carried, nested, with the keys that have hurt others. */
const carried = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity, -Infinity, new Date(NaN), '', 0n),
    fc.integer(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    fc.bigInt({ min: -(2n ** 8191n), max: 2n ** 8191n - 1n }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme' }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 20 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 20 }).map((items) => new Set(items)),
    fc
      .array(fc.tuple(keys, tie('value')), { maxLength: 20 })
      .map((entries): unknown => Object.fromEntries(entries)),
  ),
}));
describe('a value comes back as it was', () => {
  test('for every type that is carried', () => {
    fc.assert(
      fc.property(carried.value, (value) => {
        expect(isSameValue(roundTrip(value), value)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['undefined beside null', [undefined, null, { a: undefined, b: null }]],
    ['negative zero beside zero', [-0, 0, { a: -0 }, new Map([[1, -0]])]],
    [
      'numbers at the edges of 32 and 53 bits',
      [2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53, Number.MAX_VALUE, 5e-324],
    ],
    [
      'bigints at the edges of 64 bits',
      [2n ** 63n, 2n ** 64n, 2n ** 64n - 1n, -(2n ** 63n), -(2n ** 63n) - 1n],
    ],
    ['the largest bigints', [2n ** 8191n - 1n, -(2n ** 8191n)]],
    [
      'dates before 1970 and invalid ones',
      [new Date(-1), new Date(-8.64e15), new Date(8.64e15), new Date(NaN)],
    ],
    [
      'keys that objects have already',
      JSON.parse('{"__proto__":{"a":1},"constructor":1,"toJSON":2,"then":3}'),
    ],
    ['maps in sets in maps', new Map([[new Set([new Map([['a', 1]])]), new Set(['__proto__'])]])],
    ['text beyond the first plane', '𝒟écoráft 🪵 '.repeat(40)],
    [
      'an empty string, array, object, map, set and bytes',
      ['', [], {}, new Map(), new Set(), new Uint8Array()],
    ],
  ])('%s', (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  test('with more than 65,535 keys', () => {
    const object = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index]));
    expect(roundTrip(object)).toEqual(object);
    const map = new Map(Object.entries(object));
    expect(roundTrip(map)).toEqual(map);
  });

  test('a Buffer as the bytes that it is', () => {
    const decoded = roundTrip(Buffer.from([1, 2, 3]));
    expect(decoded).toStrictEqual(new Uint8Array([1, 2, 3]));
  });

  test('a key __proto__ is data and changes no prototype', () => {
    const decoded = roundTrip(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.entries(decoded ?? {})).toEqual([['__proto__', { polluted: true }]]);
    expect(decoded).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  test.each([3, 10_000])(
    'and %i bytes in it share no memory with what they came from, nor with what follows',
    (size) => {
      const value = { a: new Uint8Array(size).fill(7) };
      const bytes = encodeValue(value);
      const decoded = decodeValue(bytes);
      bytes.fill(0);
      decodeValue(encodeValue({ a: new Uint8Array(size).fill(9) }));
      expect(decoded).toStrictEqual(value);
      expect(Object.keys(bytes)).toHaveLength(bytes.length);
    },
  );

  test('and encoding another value does not change it', () => {
    const first = encodeValue(['first', 1]);
    const copy = first.slice();
    encodeValue(['second', 2]);
    expect(first).toEqual(copy);
  });
});

describe('what cannot be carried is refused by its path', () => {
  class Account {
    owner = 'a';
  }
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  test.each([
    ['a function', { a: [1, { b: () => 1 }] }, 'value.a[1].b cannot be carried: a function'],
    ['a symbol', [Symbol('s')], 'value[0] cannot be carried: a symbol'],
    [
      'a class instance',
      { 'my account': new Account() },
      'value["my account"] cannot be carried: an instance of Account',
    ],
    ['an error', new Error('x'), 'value cannot be carried: an instance of Error'],
    ['another typed array', [new Float32Array(2)], 'value[0] cannot be carried: an instance of Float32Array'],
    ['a promise', [Promise.resolve()], 'value[0] cannot be carried: an instance of Promise'],
    ['a subclass of Map', new (class Own extends Map {})(), 'an instance of Own'],
    ['a function in a map', new Map([['a', () => 1]]), 'value[0] cannot be carried: a function'],
    ['a symbol as a key', { a: { [Symbol('s')]: 1 } }, 'value.a cannot be carried: a symbol as a key'],
    ['a lone surrogate', { a: 'x\ud800' }, 'value.a cannot be carried: a string with a lone surrogate'],
    ['a lone surrogate in a key', { '\udc00': 1 }, 'a key with a lone surrogate'],
    [
      'a bigint beyond its limit',
      [2n ** 8191n],
      'value[0] cannot be carried: a bigint of more than 1024 bytes',
    ],
    ['a cycle', cyclic, 'more than 64 levels deep'],
    ['a million items and one', Array.from({ length: 1_000_000 }), 'more than 1000000 items'],
  ])('%s', (_, value, words) => {
    const attempt = () => encodeValue(value);
    expect(attempt).toThrow(RpcError);
    expect(attempt).toThrow(words);
    expect(roundTrip('and the next one is fine')).toBe('and the next one is fine');
  });

  test('64 levels are carried, 65 are not', () => {
    const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);
    expect(roundTrip(nested(63))).toEqual(nested(63));
    expect(() => encodeValue(nested(64))).toThrow('more than 64 levels deep');
  });

  test('999,999 items in one array are carried', () => {
    const items = Array.from({ length: 999_999 }, () => null);
    expect(roundTrip(items)).toHaveLength(999_999);
  });
});
