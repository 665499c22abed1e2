import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes, pause, seededRandom, stableHash, VirtualClock } from '../src/index.js';

describe('stable ids', () => {
  it.each([
    ['', 2_872_998_923],
    ['set', 2_594_095_023],
    ['onKeyInserted', 2_630_008_502],
  ])('the id of %j is what it was in every release', (name, id) => {
    expect(stableHash(name)).toBe(id);
  });

  it('are those of the UTF-8, whatever the characters', () => {
    const naive = (name: string): number => {
      let hash = hashBytes(new TextEncoder().encode(name));
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      return (hash ^ (hash >>> 16)) >>> 0;
    };
    const names = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(fc.property(names, (name) => stableHash(name) === naive(name)));
  });
});

describe('a virtual clock', () => {
  it('fires what falls due, in order of due time, at its due time', () => {
    const clock = new VirtualClock(100);
    const fired: [string, number][] = [];
    const note = (name: string) => () => fired.push([name, clock.now()]);
    clock.after(20, note('second'));
    clock.after(10, note('first'));
    clock.after(30, note('never')).cancel();
    clock.after(50, note('later'));
    clock.advance(40);
    expect(fired).toEqual([
      ['first', 110],
      ['second', 120],
    ]);
    expect(clock.now()).toBe(140);
  });

  it('fires a timer that another timer set', () => {
    const clock = new VirtualClock();
    let fired = 0;
    clock.after(10, () => clock.after(10, () => fired++));
    clock.advance(20);
    expect(fired).toBe(1);
  });

  it('ends a pause when its time has come, and not before', async () => {
    const clock = new VirtualClock();
    let isOver = false;
    const paused = pause(clock, 20).then(() => (isOver = true));
    clock.advance(19);
    await Promise.resolve();
    expect(isOver).toBe(false);
    clock.advance(1);
    await paused;
    expect(isOver).toBe(true);
  });
});

describe('seeded randomness', () => {
  it('is the same for the same seed, another for another, and stays in [0, 1)', () => {
    const draw = (seed: number): readonly number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 1_000 }, () => random());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(3).every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
