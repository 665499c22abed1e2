import { VirtualClock } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { SharedTicker } from '../src/shared-ticker.js';

type Tick = readonly [name: string, count: number, at: number | undefined];

function start() {
  const clock = new VirtualClock();
  const ticker = new SharedTicker({ clock, tickMs: 50, maxGapMs: 500 });
  const ticks: Tick[] = [];
  const paused: string[] = [];
  const join = (name: string): (() => void) =>
    ticker.join({
      tick: (count, at) => ticks.push([name, count, at]),
      paused: () => paused.push(name),
    });
  return { clock, join, paused, ticker, ticks };
}

describe('a ticker that several share', () => {
  it('gives all of them the same ticks under the same numbers, and one who is alone none', () => {
    const { clock, join, ticks } = start();
    join('a');
    clock.advance(50);
    const leave = join('b');
    clock.advance(100);
    leave();
    clock.advance(50);
    expect(ticks).toEqual([
      ['a', 1, undefined],
      ['a', 1, 2],
      ['b', 1, 2],
      ['a', 1, 3],
      ['b', 1, 3],
      ['a', 1, undefined],
    ]);
  });

  it('stands still while nobody listens, and counts nothing of that for who comes then', () => {
    const { clock, join, paused, ticks } = start();
    join('a')();
    clock.advance(10_000);
    join('b');
    clock.advance(50);
    expect(ticks).toEqual([['b', 1, undefined]]);
    expect(paused).toEqual([]);
  });
});
