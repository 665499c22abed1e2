import { type Clock, VirtualClock } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { MemberLease } from '../src/index.js';

/** Two clocks in one: the wall's is set apart. */
function clocks(): { readonly clock: Clock; readonly monotonic: VirtualClock; readonly wall: VirtualClock } {
  const [monotonic, wall] = [new VirtualClock(50), new VirtualClock(1_000_000)];
  const clock: Clock = {
    now: () => wall.now(),
    monotonicMs: () => monotonic.monotonicMs(),
    after: (delayMs, callback) => monotonic.after(delayMs, callback),
  };
  return { clock, monotonic, wall };
}

describe('the lease of a member', () => {
  it('counts from when the beat was sent, and is shorter than the timeout', () => {
    const { clock, monotonic, wall } = clocks();
    const lease = new MemberLease(clock, 1_000);
    expect(lease.isValid).toBe(false);
    const sent = lease.moment();
    for (const one of [monotonic, wall]) one.advance(600);
    lease.renew(sent);
    expect(lease.remainingMs).toBe(150);
    for (const one of [monotonic, wall]) one.advance(150);
    expect(lease.isValid).toBe(false);
  });

  it('an answer that comes late takes nothing away', () => {
    const { clock, monotonic, wall } = clocks();
    const lease = new MemberLease(clock, 1_000);
    const first = lease.moment();
    for (const one of [monotonic, wall]) one.advance(100);
    lease.renew(lease.moment());
    lease.renew(first);
    expect(lease.remainingMs).toBe(750);
  });

  it.each([
    ['a machine that was suspended: only its wall clock went on', 0, 750],
    ['a wall clock that was set back', 750, -10_000],
  ])('is over for %s', (_what, monotonicMs, wallMs) => {
    const { clock, monotonic, wall } = clocks();
    const lease = new MemberLease(clock, 1_000);
    lease.renew(lease.moment());
    monotonic.advance(monotonicMs);
    wall.advance(wallMs);
    expect(lease.isValid).toBe(false);
  });

  it('ends at once for who knows that it is over', () => {
    const lease = new MemberLease(clocks().clock, 1_000);
    lease.renew(lease.moment());
    lease.end();
    expect(lease.isValid).toBe(false);
  });
});
