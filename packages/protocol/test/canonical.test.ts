import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEncode, canonicalKey, DecoraftError } from '../src/index.js';

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

/** Equality as it is promised, worked out without any encoding. */
function equal(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right || (Number.isNaN(left) && Number.isNaN(right));
  }
  if (kindOf(left) !== kindOf(right)) return false;
  if (left instanceof Date && right instanceof Date) return equal(left.getTime(), right.getTime());
  if (left instanceof Map && right instanceof Map) return equalBags([...left], [...right]);
  if (left instanceof Set && right instanceof Set) return equalBags([...left], [...right]);
  if (Array.isArray(left) || ArrayBuffer.isView(left)) {
    const [one, other] = [[...(left as unknown[])], [...(right as unknown[])]];
    return one.length === other.length && one.every((element, at) => equal(element, other[at]));
  }
  return equalBags(present(left), present(right));
}

const kindOf = (value: object): string =>
  value instanceof Uint8Array ? 'bytes' : Object.prototype.toString.call(value);

const present = (value: object): unknown[] =>
  Object.entries(value).filter(([, element]) => element !== undefined);

/** Whether each of one has a partner in the other, in whatever order. */
function equalBags(left: readonly unknown[], right: readonly unknown[]): boolean {
  const unmatched = [...right];
  for (const one of left) {
    const partner = unmatched.findIndex((other) => equal(one, other));
    if (partner < 0) return false;
    unmatched.splice(partner, 1);
  }
  return unmatched.length === 0;
}

/** Letters that some systems take for one and the same, in their forms. */
const lookAlike = fc.constantFrom(
  'é',
  'e\u0301',
  'ﬁ',
  'fi',
  'Å',
  '\u212B',
  'A\u030A',
  'ß',
  'ss',
  'İ',
  'i\u0307',
  '',
);
/** Few values, so that two at random are often equal, and the rest of what there is. */
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(0, -0, 1, NaN, 0n, 1n, -1n, 2n ** 80n, '', '0', '1', null, undefined, true, false),
  lookAlike,
  fc.constantFrom<unknown>(new Date(0), new Date(1), new Date(NaN)),
  fc.constantFrom<unknown>(
    Uint8Array.of(),
    Uint8Array.of(1),
    Buffer.from([1]),
    Int8Array.of(1),
    Uint16Array.of(1, 0),
    Float64Array.of(-0, NaN),
    Float64Array.of(0, NaN),
    Float32Array.of(0, NaN),
    BigInt64Array.of(1n),
  ),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
);

const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(tie('value'), { maxLength: 3 }).map((elements) => new Set(elements)),
    fc.dictionary(fc.oneof(lookAlike, fc.constantFrom('a', 'b', '__proto__', '0')), tie('value'), {
      maxKeys: 3,
    }),
  ),
}));

/** The same value, made in another order: its keys, entries and elements, and with zeros of the other sign. */
function remade(value: unknown): unknown {
  if (value === 0) return Object.is(value, 0) ? -0 : 0;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (Array.isArray(value)) return value.map(remade);
  if (value instanceof Map) {
    return new Map([...value].toReversed().map(([key, element]) => [remade(key), remade(element)]));
  }
  if (value instanceof Set) return new Set([...value].toReversed().map(remade));
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries([
    ['only undefined', undefined],
    ...entries.map(([key, element]) => [key, remade(element)]),
  ]);
}

describe('whatever the values are, nested in whatever way', () => {
  it('their canonical bytes are equal exactly when they are', () => {
    fc.assert(
      fc.property(anything, anything, (left, right) => same(left, right) === equal(left, right)),
      { numRuns: 20_000 },
    );
  });

  it('the same, in equal places of equal structures', () => {
    const around = fc.constantFrom<(inner: unknown) => unknown>(
      (inner) => [inner],
      (inner) => ({ a: inner, b: 1 }),
      (inner) => new Map([[inner, 1]]),
      (inner) => new Map([[{ key: inner }, new Set([inner])]]),
      (inner) => new Set([[inner], 'x']),
    );
    fc.assert(
      fc.property(leaf, leaf, around, (left, right, wrap) => {
        return (
          same(wrap(left), wrap(right)) === equal(left, right) || left === undefined || right === undefined
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('the order in which they were made does not count', () => {
    fc.assert(
      fc.property(anything, (value) => same(value, remade(value))),
      { numRuns: 5_000 },
    );
  });

  it('no two normalisation forms are taken for one, alone, as keys, or in sets', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'),
        (text, form) => {
          const other = text.normalize(form);
          for (const wrap of [
            (key: string) => key,
            (key: string) => ({ [key]: 1 }),
            (key: string) => new Set([key]),
          ]) {
            expect(same(wrap(text), wrap(other))).toBe(text === other);
          }
        },
      ),
    );
  });
});

it('a key has a character for each byte, however many there are', () => {
  for (const length of [0, 1, 4_090, 4_091, 4_092, 100_000]) {
    const value = Uint8Array.from({ length }, (_, at) => at);
    const key = canonicalKey(value);
    expect(Uint8Array.from(key, (character) => character.charCodeAt(0))).toEqual(canonicalEncode(value));
  }
});

describe('what is not data is refused', () => {
  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a view of bytes without a type', new DataView(new ArrayBuffer(1))],
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
