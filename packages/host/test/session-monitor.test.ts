import type { SessionId } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { SessionMonitor } from '../src/session-monitor.js';

const one = { id: 1 as SessionId, timeoutMs: 100 };
const two = { id: 2 as SessionId, timeoutMs: 500 };

describe('a leader', () => {
  it('gives sessions that it never heard of a full period', () => {
    const monitor = new SessionMonitor();
    expect(monitor.expired([one, two], 10_000)).toEqual([]);
    expect(monitor.expired([one, two], 10_100)).toEqual([]);
    expect(monitor.expired([one, two], 10_101)).toEqual([1]);
  });

  it('counts from the last sign of life', () => {
    const monitor = new SessionMonitor();
    monitor.touch(one.id, 0);
    monitor.touch(one.id, 90);
    expect(monitor.expired([one], 190)).toEqual([]);
    expect(monitor.expired([one], 191)).toEqual([1]);
  });

  it('that was elected again begins anew', () => {
    const monitor = new SessionMonitor();
    monitor.touch(one.id, 0);
    monitor.forgetAll();
    expect(monitor.expired([one], 1_000)).toEqual([]);
  });

  it('keeps nothing of sessions that are gone, or never were', () => {
    const monitor = new SessionMonitor();
    monitor.touch(99 as SessionId, 0);
    expect(monitor.expired([], 1_000)).toEqual([]);
    expect(monitor.expired([{ id: 99 as SessionId, timeoutMs: 1 }], 1_001)).toEqual([]);
  });
});
