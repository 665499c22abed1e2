import { describe, expect, test } from 'vitest';
import { index } from '../src/index.js';
import { Progress } from '../src/progress.js';

const LIMITS = { maxMessages: 2, maxBytes: 10 };
const at = index;

/** A peer that has matched up to 5 and is streamed to. */
function replicating(): Progress {
  const progress = new Progress(at(6), LIMITS);
  progress.acknowledge(at(5), at(1));
  return progress;
}

describe('in probe', () => {
  test('one request is under way at a time', () => {
    const progress = new Progress(at(1), LIMITS);
    expect(progress.wantsAppend(at(3), at(0))).toBe(true);
    progress.sent(3, 3, at(0));
    expect(progress.wantsAppend(at(9), at(0))).toBe(false);
    expect(progress.next).toBe(1);
  });

  test('a refusal moves next back to behind the hint, never below match', () => {
    const progress = new Progress(at(10), LIMITS);
    expect(progress.reject(at(9), at(4))).toBe(true);
    expect(progress.next).toBe(5);
    expect(progress.reject(at(4), at(9))).toBe(true);
    expect(progress.next).toBe(4);
    progress.acknowledge(at(3), at(1));
    progress.becomeProbe();
    expect(progress.reject(at(3), at(0))).toBe(true);
    expect(progress.next).toBe(4);
  });

  test('every refusal leads further back, so that the search ends (C20)', () => {
    const progress = new Progress(at(10), LIMITS);
    for (let next = 10; next > 1; next--) {
      expect(progress.next).toBe(next);
      // The worst hint: no skip at all.
      expect(progress.reject(at(next - 1), at(next - 1))).toBe(true);
    }
    expect(progress.next).toBe(1);
  });

  test('the refusal of an old request says nothing', () => {
    const progress = new Progress(at(10), LIMITS);
    expect(progress.reject(at(8), at(2))).toBe(false);
    expect(progress.next).toBe(10);
  });

  test('an acknowledgement begins the stream, also one that only repeats the match', () => {
    const progress = new Progress(at(10), LIMITS);
    expect(progress.acknowledge(at(4), at(1))).toBe(true);
    expect([progress.state, progress.match, progress.next]).toEqual(['replicate', 4, 5]);
    progress.becomeProbe();
    expect(progress.acknowledge(at(4), at(1))).toBe(false);
    expect(progress.state).toBe('replicate');
  });
});

describe('in replicate', () => {
  test('next runs ahead of the answers, until the window is full by messages', () => {
    const progress = replicating();
    progress.sent(2, 1, at(0));
    expect(progress.next).toBe(8);
    expect(progress.wantsAppend(at(20), at(0))).toBe(true);
    progress.sent(3, 1, at(0));
    expect(progress.next).toBe(11);
    expect(progress.wantsAppend(at(20), at(0))).toBe(false);
    progress.acknowledge(at(7), at(1));
    expect(progress.wantsAppend(at(20), at(0))).toBe(true);
  });

  test('with a full window not even a new commit index leaves', () => {
    const progress = replicating();
    progress.sent(1, 10, at(0));
    expect(progress.wantsAppend(at(20), at(5))).toBe(false);
  });

  test('an answer to the first of many leaves next where it is', () => {
    const progress = replicating();
    progress.sent(2, 1, at(0));
    progress.sent(3, 1, at(0));
    progress.acknowledge(at(7), at(1));
    expect([progress.match, progress.next]).toEqual([7, 11]);
  });

  test('or by bytes', () => {
    const progress = replicating();
    progress.sent(1, 10, at(0));
    expect(progress.wantsAppend(at(20), at(0))).toBe(false);
    progress.acknowledge(at(6), at(1));
    expect(progress.wantsAppend(at(20), at(0))).toBe(true);
  });

  test('with a full window, a sign of life lets one empty request through (C19)', () => {
    const progress = replicating();
    progress.sent(1, 10, at(0));
    progress.resume();
    progress.probeIsDue = true;
    expect(progress.wantsAppend(at(20), at(0))).toBe(true);
    expect(progress.mayCarryEntries).toBe(false);
    progress.sent(0, 0, at(0));
    expect(progress.wantsAppend(at(20), at(0))).toBe(false);
  });

  test('a refusal leads back to probe, behind the match', () => {
    const progress = replicating();
    progress.sent(4, 1, at(0));
    expect(progress.reject(at(9), at(9))).toBe(true);
    expect([progress.state, progress.next]).toEqual(['probe', 6]);
    expect(progress.inflights.count).toBe(0);
  });

  test('a refusal of what has matched since says nothing', () => {
    const progress = replicating();
    expect(progress.reject(at(5), at(0))).toBe(false);
    expect(progress.state).toBe('replicate');
  });

  test('a new commit index wants a request of its own, once, and not above what was sent', () => {
    const progress = replicating();
    expect(progress.wantsAppend(at(5), at(3))).toBe(true);
    progress.sent(0, 0, at(3));
    expect(progress.wantsAppend(at(5), at(3))).toBe(false);
    expect(progress.wantsAppend(at(5), at(4))).toBe(true);
    progress.sent(0, 0, at(5));
    expect(progress.wantsAppend(at(5), at(9))).toBe(false);
  });

  test('acknowledgements that overtake each other never take match or next back', () => {
    const progress = replicating();
    progress.sent(5, 1, at(0));
    expect(progress.acknowledge(at(10), at(1))).toBe(true);
    expect(progress.acknowledge(at(7), at(1))).toBe(false);
    expect([progress.match, progress.next]).toEqual([10, 11]);
  });
});
