import { describe, expect, it } from 'vitest';
import { type LastSeen, silentMembers, withFirstSight } from '../src/heartbeats/failure-detector.js';
import { ListeningTime } from '../src/heartbeats/listening-time.js';

const ada = { id: 'ada', incarnation: 3, timeoutMs: 1_000 };
const bob = { id: 'bob', incarnation: 5, timeoutMs: 5_000 };
const seen = (entries: Record<string, LastSeen>): ReadonlyMap<string, LastSeen> =>
  new Map(Object.entries(entries));

describe('the failure detector', () => {
  it.each([
    ['nobody is watched', [], {}, 0, []],
    ['never seen: not silent, however late it is', [ada], {}, 1e9, []],
    ['just seen', [ada], { ada: { incarnation: 3, atMs: 10 } }, 10, []],
    ['silent for its whole timeout, and no longer', [ada], { ada: { incarnation: 3, atMs: 10 } }, 1_010, []],
    ['silent for longer', [ada], { ada: { incarnation: 3, atMs: 10 } }, 1_011, ['ada']],
    ['only an earlier life was seen', [ada], { ada: { incarnation: 2, atMs: 10 } }, 9_999, []],
    [
      'each has its own timeout',
      [ada, bob],
      { ada: { incarnation: 3, atMs: 0 }, bob: { incarnation: 5, atMs: 0 } },
      2_000,
      ['ada'],
    ],
    [
      'both are silent',
      [ada, bob],
      { ada: { incarnation: 3, atMs: 0 }, bob: { incarnation: 5, atMs: 0 } },
      5_001,
      ['ada', 'bob'],
    ],
    ['a time that lies ahead is not silence', [ada], { ada: { incarnation: 3, atMs: 5_000 } }, 10, []],
  ])('%s', (_claim, watched, lastSeen, nowMs, silent) => {
    expect(silentMembers(watched, seen(lastSeen), nowMs).map(({ id }) => id)).toEqual(silent);
  });

  it('whoever was never seen begins a full period now, and whoever is not watched is forgotten', () => {
    const before = seen({ ada: { incarnation: 3, atMs: 7 }, eve: { incarnation: 1, atMs: 8 } });
    expect([...withFirstSight([ada, bob], before, 100)]).toEqual([
      ['ada', { incarnation: 3, atMs: 7 }],
      ['bob', { incarnation: 5, atMs: 100 }],
    ]);
  });

  it('a new life begins a full period, whenever the last one was seen', () => {
    const before = seen({ ada: { incarnation: 2, atMs: 7 } });
    expect(withFirstSight([ada], before, 100).get('ada')).toEqual({ incarnation: 3, atMs: 100 });
  });
});

describe('listening time', () => {
  it.each([
    ['begins at nothing', [5_000], 0],
    ['is time, where nobody stood still', [0, 200, 400, 600], 600],
    ['counts little of a gap', [0, 200, 90_200, 90_400], 800],
    ['counts a gap that is no longer than allowed', [0, 400], 400],
  ])('%s', (_claim, looks, listenedMs) => {
    const time = new ListeningTime(400);
    expect(looks.map((at) => time.look(at)).at(-1)).toBe(listenedMs);
  });
});
