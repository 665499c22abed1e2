import { stableHash } from '@decoraft/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashRing, moved, type RingMember, SLOT_COUNT, slotOf, slotsIn } from '../src/index.js';
import { contestantOf, draw } from '../src/score.js';

const namesOf = (count: number, prefix = 'node'): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${at}`);

/** Some sets of ten, as people name things. */
const TENS: readonly (readonly [string, readonly string[]])[] = [
  ['numbers', namesOf(10)],
  ['letters', 'abcdefghij'.split('')],
  ['addresses', namesOf(10, '10.0.0.1:21')],
  ['regions', namesOf(10, 'eu-west-1/rack')],
];

const without = (members: readonly string[], id: string): HashRing =>
  new HashRing(members.filter((member) => member !== id));

/** How many slots each owns. */
function countSlots(ring: HashRing): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = ring.ownerOfSlot(slot);
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return counts;
}

const text = fc.string({ unit: 'binary' });
const weights = fc.integer({ min: 0, max: 9 });
const members: fc.Arbitrary<readonly RingMember[]> = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }), weight: weights }),
  { maxLength: 12, selector: ({ id }) => id },
);

/** The best draw, with the logarithm that the engine has. */
function naiveOwner(all: readonly RingMember[], key: string): string | undefined {
  const slot = stableHash(key) >>> 14;
  const races = all
    .filter(({ weight }) => weight > 0)
    .map(({ id, weight }) => {
      const part = (draw(slot, contestantOf(id, weight)) + 0.5) / 2 ** 32;
      return { id, cost: -Math.log(part) / weight };
    });
  return races.toSorted((left, right) => left.cost - right.cost)[0]?.id;
}

describe('the owner of a key', () => {
  it('is the one of the naive twin, whatever the members and their order', () => {
    fc.assert(
      fc.property(members, fc.array(text, { minLength: 1, maxLength: 20 }), (all, keys) => {
        const rings = [new HashRing(all), new HashRing(all.toReversed())];
        for (const key of keys) {
          const owner = naiveOwner(all, key);
          for (const ring of rings) expect([ring.ownerOf(key), ring.ownerOf(key)]).toEqual([owner, owner]);
        }
      }),
    );
  });

  it('is for ever the same: these are written down', () => {
    const ring = new HashRing([...namesOf(4), { id: 'large', weight: 2.5 }]);
    const keys = ['', 'a', 'user:1', 'user:2', 'Zürich', '日本', '__proto__'];
    expect(keys.map((key) => `${key} ${slotOf(key)} ${ring.ownerOf(key)}`)).toMatchInlineSnapshot(`
      [
        " 175353 node-1",
        "a 27138 node-2",
        "user:1 107665 node-2",
        "user:2 34308 node-0",
        "Zürich 177518 large",
        "日本 245778 large",
        "__proto__ 194215 node-0",
      ]
    `);
  });

  it('depends on the ratios of weights alone', () => {
    fc.assert(
      fc.property(members, text, fc.constantFrom(2, 1024, 0.25), (all, key, factor) => {
        const scaled = all.map(({ id, weight }) => ({ id, weight: weight * factor }));
        expect(new HashRing(scaled).ownerOf(key)).toBe(new HashRing(all).ownerOf(key));
      }),
    );
  });

  it('is nobody where nobody weighs anything', () => {
    expect(new HashRing([]).ownerOf('a')).toBeUndefined();
    expect(new HashRing([{ id: 'a', weight: 0 }]).ownerOf('a')).toBeUndefined();
    expect(new HashRing([{ id: 'a', weight: 0 }]).ownersOf('a', 3)).toEqual([]);
  });
});

describe('those who should hold copies', () => {
  it('are the owners of the key without those before them, each once', () => {
    fc.assert(
      fc.property(members, text, fc.nat({ max: 12 }), (all, key, count) => {
        const owners = new HashRing(all).ownersOf(key, count);
        let left = all;
        for (const owner of owners) {
          expect(new HashRing(left).ownerOf(key)).toBe(owner);
          left = left.filter(({ id }) => id !== owner);
        }
        expect(owners).toHaveLength(Math.min(count, all.filter(({ weight }) => weight > 0).length));
      }),
    );
  });
});

describe.each(TENS)('of ten members, called by %s', (_, ids) => {
  const ring = new HashRing(ids);
  const [first = ''] = ids;

  it('each owns a tenth, within 5 percent', () => {
    const counts = countSlots(ring);
    for (const id of ids) expect(Math.abs(((counts.get(id) ?? 0) * 10) / SLOT_COUNT - 1)).toBeLessThan(0.05);
  });

  it.each(ids)('when %s leaves, at most 1.3 times the ideal share moves, and nothing of the others', (id) => {
    const after = without(ids, id);
    const moves = moved(ring, after);
    expect(slotsIn(moves) / (SLOT_COUNT / 10)).toBeLessThanOrEqual(1.3);
    expect(new Set(moves.map(({ from }) => from))).toEqual(new Set([id]));
    const keys = Array.from({ length: 20_000 }, (__, at) => `key-${at}`);
    const movedKeys = keys.filter((key) => ring.ownerOf(key) !== after.ownerOf(key));
    expect(movedKeys.every((key) => ring.ownerOf(key) === id)).toBe(true);
    expect(movedKeys.length / (keys.length / 10)).toBeLessThanOrEqual(1.3);
  });

  it('when one comes, at most 1.3 times the ideal share moves, and to it alone', () => {
    const moves = moved(ring, new HashRing([...ids, 'a new one']));
    expect(slotsIn(moves) / (SLOT_COUNT / 11)).toBeLessThanOrEqual(1.3);
    expect(new Set(moves.map(({ to }) => to))).toEqual(new Set(['a new one']));
  });

  it.each([
    ['1, 2, 3, …', (at: number) => at + 1],
    ['half of them twice the others', (at: number) => 1 + (at % 2)],
    ['one weighs less than half of each other', (at: number) => (at === 0 ? 0.4 : 1)],
  ])('weights are respected within 5 percent: %s', (__, weightOf) => {
    const weighted = new HashRing(ids.map((id, at) => ({ id, weight: weightOf(at) })));
    const counts = countSlots(weighted);
    for (const id of ids) {
      const share = (counts.get(id) ?? 0) / SLOT_COUNT;
      expect(Math.abs(share / weighted.shareOf(id) - 1)).toBeLessThan(0.05);
    }
  });

  it('one that weighs more takes keys from others, and gives none away', () => {
    const heavier = new HashRing(ids.map((id) => ({ id, weight: id === first ? 3 : 1 })));
    const moves = moved(ring, heavier);
    expect(new Set(moves.map(({ to }) => to))).toEqual(new Set([first]));
    const ideal = heavier.shareOf(first) - 0.1;
    expect(Math.abs(slotsIn(moves) / SLOT_COUNT / ideal - 1)).toBeLessThan(0.05);
  });

  it('one of weight 0 owns nothing, as if it were not there', () => {
    const emptied = new HashRing(ids.map((id) => ({ id, weight: id === first ? 0 : 1 })));
    expect(moved(emptied, without(ids, first))).toEqual([]);
    expect(emptied.shareOf(first)).toBe(0);
  });
});

describe('what moves', () => {
  it('is told in ranges that hold each slot that changes hands, once, and no other', () => {
    const [before, after] = [new HashRing(['a', 'b']), new HashRing(['a', 'b', 'c'])];
    const range = { firstSlot: 1_000, lastSlot: 1_999 };
    const told = new Map<number, readonly unknown[]>();
    for (const { firstSlot, from, lastSlot, to } of moved(before, after, range)) {
      for (let slot = firstSlot; slot <= lastSlot; slot++) {
        expect(told.has(slot)).toBe(false);
        told.set(slot, [from, to]);
      }
    }
    for (let slot = range.firstSlot; slot <= range.lastSlot; slot++) {
      const owners = [before.ownerOfSlot(slot), after.ownerOfSlot(slot)];
      expect(told.get(slot)).toEqual(owners[0] === owners[1] ? undefined : owners);
    }
    expect([...told.keys()].every((slot) => slot >= 1_000 && slot < 2_000)).toBe(true);
  });

  it('between a ring and itself is nothing; from nobody it is everything', () => {
    const ring = new HashRing(['a']);
    expect(moved(ring, new HashRing(['a']))).toEqual([]);
    expect(moved(new HashRing([]), ring)).toEqual([
      { firstSlot: 0, lastSlot: SLOT_COUNT - 1, from: undefined, to: 'a' },
    ]);
  });
});

describe('what can be no ring', () => {
  const ring = new HashRing(['a']);

  it.each<readonly [string, () => unknown, RegExp]>([
    ['one id twice', () => new HashRing(['a', { id: 'a', weight: 2 }]), /member a comes twice/],
    ['no id', () => new HashRing(['']), /the id of a member is not ""/],
    ['a number', () => new HashRing([7 as never]), /the id of a member is not undefined/],
    ['a negative weight', () => new HashRing([{ id: 'a', weight: -1 }]), /weight of a .*, not -1/],
    ['a weight too small', () => new HashRing([{ id: 'a', weight: 1e-9 }]), /weight of a .*, not 1e-9/],
    ['no weight', () => new HashRing([{ id: 'a', weight: NaN }]), /weight of a .* not NaN/],
    ['a key that is no string', () => ring.ownerOf(1 as never), /a key is a string, not number/],
    ['a slot behind the last', () => ring.ownerOfSlot(SLOT_COUNT), /no slot 262144/],
    ['half a copy', () => ring.ownersOf('k', 0.5), /count of owners is not 0.5/],
    ['a range backwards', () => moved(ring, ring, { firstSlot: 2, lastSlot: 1 }), /no slots 2 to 1/],
  ])('%s is refused by name', (_, call, words) => {
    expect(call).toThrow(words);
    expect(call).toThrow(/^InvalidArgument: /);
  });
});
