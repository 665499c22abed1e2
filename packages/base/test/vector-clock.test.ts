import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClockRelation, type VectorClock, vectorClock } from '../src/index.js';

const { compare, decode, encode, increment, merge } = vectorClock;

/** Few names, so that clocks meet; some that an object would take for its own; zeros among the counts. */
const NODES = ['a', 'b', 'c', '__proto__', 'constructor', ''];
const clocks: fc.Arbitrary<VectorClock> = fc
  .uniqueArray(fc.constantFrom(...NODES), { maxLength: NODES.length })
  .chain((nodes) => fc.tuple(...nodes.map((node) => fc.tuple(fc.constant(node), fc.nat({ max: 3 })))))
  .map((entries) => new Map(entries));

/** A history as the set of all its events: what a clock is a shorthand for. */
const historyOf = (clock: VectorClock): ReadonlySet<string> =>
  new Set([...clock].flatMap(([node, count]) => Array.from({ length: count }, (_, at) => `${at}:${node}`)));

function naiveCompare(one: VectorClock, other: VectorClock): ClockRelation {
  const [mine, theirs] = [historyOf(one), historyOf(other)];
  const isWithin = [...mine].every((event) => theirs.has(event));
  const contains = [...theirs].every((event) => mine.has(event));
  if (isWithin && contains) return 'equal';
  if (isWithin) return 'before';
  return contains ? 'after' : 'concurrent';
}

const same = (one: VectorClock, other: VectorClock): void => expect(encode(one)).toEqual(encode(other));

describe('a vector clock', () => {
  it('merges commutatively, associatively and idempotently', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (one, two, three) => {
        same(merge(one, two), merge(two, one));
        same(merge(merge(one, two), three), merge(one, merge(two, three)));
        same(merge(one, one), one);
        same(merge(one, vectorClock.zero), one);
      }),
    );
  });

  it('merges to the union of the histories, and stands to others as they do', () => {
    fc.assert(
      fc.property(clocks, clocks, (one, two) => {
        expect(historyOf(merge(one, two))).toEqual(new Set([...historyOf(one), ...historyOf(two)]));
        expect(compare(one, two)).toBe(naiveCompare(one, two));
      }),
    );
  });

  it('stands to another in one way only, seen from both ends', () => {
    const seenFromTheOther = { equal: 'equal', before: 'after', after: 'before', concurrent: 'concurrent' };
    fc.assert(
      fc.property(clocks, clocks, (one, two) => {
        expect(compare(two, one)).toBe(seenFromTheOther[compare(one, two)]);
        expect(compare(one, merge(one, two))).toMatch(/^(?:equal|before)$/);
      }),
    );
  });

  it('is before itself with one more event, of whatever node', () => {
    fc.assert(
      fc.property(clocks, fc.constantFrom(...NODES), (clock, node) => {
        const next = increment(clock, node);
        expect(next.get(node)).toBe((clock.get(node) ?? 0) + 1);
        expect(compare(clock, next)).toBe('before');
        expect(historyOf(next).size).toBe(historyOf(clock).size + 1);
      }),
    );
  });

  it('takes a missing node for one that has counted zero', () => {
    expect(compare(new Map([['a', 0]]), vectorClock.zero)).toBe('equal');
    same(
      new Map([
        ['a', 0],
        ['b', 1],
      ]),
      new Map([['b', 1]]),
    );
  });

  it('changes nothing that it is given', () => {
    const one = Object.freeze(new Map([['a', 1]]));
    const other = new Map([['b', 2]]);
    merge(one, other);
    increment(one, 'a');
    expect([[...one], [...other]]).toEqual([[['a', 1]], [['b', 2]]]);
    expect(vectorClock.zero).not.toBe(vectorClock.zero);
  });

  it('is encoded alike exactly when it is equal, and comes back', () => {
    fc.assert(
      fc.property(clocks, clocks, (one, two) => {
        const isAlike = JSON.stringify(encode(one)) === JSON.stringify(encode(two));
        expect(isAlike).toBe(compare(one, two) === 'equal');
        expect(compare(decode(JSON.parse(JSON.stringify(encode(one)))), one)).toBe('equal');
      }),
    );
  });

  it('keeps a node named __proto__ as it does any other', () => {
    const clock = increment(increment(vectorClock.zero, '__proto__'), '__proto__');
    expect(encode(clock)).toEqual([['__proto__', 2]]);
    expect(Object.getPrototypeOf(clock)).toBe(Map.prototype);
  });

  it.each<readonly [string, () => unknown, RegExp]>([
    ['a record', () => merge({ a: 1 } as never, vectorClock.zero), /{"a":1} is no map of counts/],
    ['nothing', () => compare(vectorClock.zero, undefined as never), /undefined is no map/],
    ['a negative count', () => encode(new Map([['a', -1]])), /-1 is no count of node a/],
    ['a fraction', () => decode([['a', 0.5]]), /0.5 is no count of node a/],
    ['a count past what is exact', () => increment(new Map([['a', 2 ** 53 - 1]]), 'a'), /no count of node a/],
    ['a number for a node', () => increment(vectorClock.zero, 1 as never), /1 is no name of a node/],
    ['a key that is no name', () => encode(new Map([[1, 1]]) as never), /1 is no name of a node/],
    [
      'a node that comes twice',
      () =>
        decode([
          ['a', 1],
          ['a', 2],
        ]),
      /node a comes twice/,
    ],
    ['a triple', () => decode([['a', 1, 2]]), /\["a",1,2\] is no pair/],
    ['an object to decode', () => decode({ a: 1 }), /is no array/],
  ])('refuses %s by name', (_what, call, words) => {
    expect(call).toThrow(words);
    expect(call).toThrow(/^InvalidArgument: /);
  });
});
