import { VirtualClock } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { Ticker } from '../src/ticker.js';

/** A clock whose timers can be held back while time goes on, as a busy process does. */
class LateClock extends VirtualClock {
  lateMs = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.lateMs;
  }
}

function start() {
  const clock = new LateClock();
  const ticks: number[] = [];
  const pauses: number[] = [];
  const ticker = new Ticker({
    clock,
    tickMs: 50,
    maxGapMs: 500,
    tick: (count) => ticks.push(count),
    paused: (durationMs) => pauses.push(durationMs),
  });
  ticker.start();
  return { clock, ticker, ticks, pauses };
}

describe('the ticker', () => {
  it('ticks once in every tick', () => {
    const { clock, ticks } = start();
    clock.advance(500);
    expect(ticks).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('makes up for timers that were late, so that ticks keep up with time', () => {
    const { clock, ticks } = start();
    clock.lateMs = 120;
    clock.advance(50);
    expect(ticks).toEqual([3]);
    clock.advance(480);
    expect(ticks.reduce((sum, count) => sum + count, 0)).toBe(13);
  });

  it('tells of a pause, and does not make up for it', () => {
    const { clock, pauses, ticks } = start();
    clock.lateMs = 10_000;
    clock.advance(50);
    expect(pauses).toEqual([10_050]);
    expect(ticks).toEqual([]);
    clock.advance(50);
    expect(ticks).toEqual([1]);
  });

  it('counts when it is asked, before its timer fires', () => {
    const { clock, pauses, ticker, ticks } = start();
    clock.lateMs = 100;
    ticker.catchUp();
    expect(ticks).toEqual([2]);
    clock.lateMs = 1_000;
    ticker.catchUp();
    expect(pauses).toEqual([900]);
  });

  it('stops', () => {
    const { clock, ticker, ticks } = start();
    ticker.stop();
    clock.advance(1_000);
    expect(ticks).toEqual([]);
  });
});
