import { describe, expect, it } from 'vitest';
import {
  HashRing,
  LiveRing,
  type RingChange,
  type RingState,
  SLOT_COUNT,
  slotOf,
  slotsIn,
} from '../src/index.js';

/** A ring whose next states are given by hand. */
class HandRing extends LiveRing {
  next(members: readonly string[], membership: number, weights = 0): RingState {
    this.become(stateOf(members, membership, weights));
    return this.state;
  }
}

function stateOf(members: readonly string[], membership: number, weights = 0): RingState {
  return { ring: new HashRing(members), version: { membership, weights } };
}

const start = (...members: string[]): HandRing => new HandRing(stateOf(members, 1));

describe('a ring that changes', () => {
  it('answers with its versions, also where they made no other ring', () => {
    const ring = start('a');
    expect(ring.ownerOf('k')).toEqual({ owner: 'a', version: { membership: 1, weights: 0 } });
    const before = ring.state.ring;
    ring.next(['a'], 2, 1);
    expect(ring.state.ring).toBe(before);
    expect(ring.ownersOf('k', 2)).toEqual({ owners: ['a'], version: { membership: 2, weights: 1 } });
  });

  it('tells of each next ring once, with the one before, and nobody who has stopped', () => {
    const ring = start('a');
    const told: RingChange[] = [];
    const stop = ring.onChange((change) => told.push(change));
    const first = ring.state;
    ring.next(['a'], 2);
    const second = ring.next(['a', 'b'], 3);
    stop();
    stop();
    ring.next(['b'], 4);
    expect(told).toEqual([{ before: { ...first, version: { membership: 2, weights: 0 } }, after: second }]);
  });

  it('is stopped by a listener for another that was to hear next', () => {
    const ring = start('a');
    const told: string[] = [];
    const stops = [
      ring.onChange(() => {
        told.push('first');
        stops[1]?.();
      }),
      ring.onChange(() => told.push('second')),
    ];
    ring.next(['b'], 2);
    expect(told).toEqual(['first']);
  });

  it('tells who watches a key when another owns it, and only then', () => {
    const ring = start('a', 'b');
    const key = 'k';
    const { owner = '' } = ring.ownerOf(key);
    const other = owner === 'a' ? 'b' : 'a';
    const told: unknown[] = [];
    ring.watchKey(key, (change) => told.push(change));
    ring.next([owner], 2);
    ring.next([other], 3);
    ring.next([], 4);
    expect(told).toEqual([
      { key, from: owner, to: other, version: { membership: 3, weights: 0 } },
      { key, from: other, to: undefined, version: { membership: 4, weights: 0 } },
    ]);
  });

  it('tells who watches a range what of it has moved, and nothing of the rest', () => {
    const ring = start('a', 'b');
    const slot = slotOf('k');
    const { owner = '' } = ring.ownerOf('k');
    const told: unknown[] = [];
    let all = 0;
    ring.watchRange({ firstSlot: slot, lastSlot: slot }, ({ ranges }) => told.push(ranges));
    ring.watchRange({ firstSlot: 0, lastSlot: SLOT_COUNT - 1 }, ({ ranges }) => (all = slotsIn(ranges)));
    ring.next([owner], 2);
    expect(told).toEqual([]);
    expect(all / SLOT_COUNT).toBeCloseTo(0.5, 1);
    ring.next(['c'], 3);
    expect(told).toEqual([[{ firstSlot: slot, lastSlot: slot, from: owner, to: 'c' }]]);
    expect(all).toBe(SLOT_COUNT);
  });

  it('refuses what is no listener, no key and no range', () => {
    const ring = start('a');
    expect(() => ring.onChange(1 as never)).toThrow(/^InvalidArgument: ring: the listener is no function/);
    expect(() => ring.watchKey(1 as never, () => undefined)).toThrow(/^InvalidArgument: .*not number/);
    expect(() => ring.watchRange({ firstSlot: 5, lastSlot: 4 }, () => undefined)).toThrow(/no slots 5 to 4/);
  });
});
