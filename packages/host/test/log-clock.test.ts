import { VirtualClock } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { LogClock } from '../src/log-clock.js';

/** A machine whose wall clock somebody sets. */
class SetClock extends VirtualClock {
  offsetMs = 0;

  override now(): number {
    return super.now() + this.offsetMs;
  }
}

describe('the time of the log', () => {
  it("is the wall clock's, as long as that is not behind", () => {
    const clock = new SetClock(10_000);
    const logClock = new LogClock(clock, () => 9_000);
    expect(logClock.now()).toBe(10_000);
    clock.advance(500);
    expect(logClock.now()).toBe(10_500);
    clock.offsetMs = 60_000;
    expect(logClock.now()).toBe(70_500);
  });

  it('never goes back when the wall clock does, and goes on at half the speed until that has caught up', () => {
    const clock = new SetClock(10_000);
    let applied = 0;
    const logClock = new LogClock(clock, () => applied);
    const times: number[] = [];
    for (let at = 0; at < 200; at++) {
      if (at === 10) clock.offsetMs = -5_000;
      clock.advance(100);
      applied = logClock.now();
      times.push(applied);
    }
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(times[9]).toBe(11_000);
    // The first look at it is where the two are compared from.
    expect(times[10]).toBe(11_000);
    expect(times[30]).toBe(12_000);
    expect(times.at(-1)).toBe(clock.now());
  });

  it('goes on while nothing is applied, and on a leader that follows one whose clock was ahead', () => {
    const clock = new SetClock(10_000);
    const logClock = new LogClock(clock, () => 20_000);
    expect(logClock.now()).toBe(20_000);
    clock.advance(3_000);
    expect(logClock.now()).toBe(21_500);
    clock.advance(20_000);
    expect(logClock.now()).toBe(33_000);
  });

  it('is at least that of the log, wherever this clock was when it was last behind', () => {
    const clock = new SetClock(10_000);
    let applied = 20_000;
    const logClock = new LogClock(clock, () => applied);
    logClock.now();
    applied = 50_000;
    clock.advance(2_000);
    expect(logClock.now()).toBe(50_000);
  });
});
