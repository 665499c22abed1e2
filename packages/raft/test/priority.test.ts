import { describe, expect, test } from 'vitest';
import { nodeId } from '../src/index.js';
import { bytes, Cluster } from './support/cluster.js';
import { messageOf } from './support/message-words.js';

const HIGHEST = { c: { priority: 2 }, b: { priority: 1 } };

describe('a priority', () => {
  test.each([
    ['an equal log', '1/1', 0, false],
    ['an equal log and an equal priority', '1/1', 2, true],
    ['an equal log and a higher priority', '1/1', 3, true],
    ['a longer log', '2/1', 0, true],
    ['a log of a later term', '1/2', 0, true],
    ['a shorter log and a higher priority', '0/0', 9, false],
  ])('is answered to %s: %s of priority %d, granted %s', (_what, last, priority, granted) => {
    for (const kind of ['vote-request', 'pre-vote-request']) {
      const cluster = new Cluster(['a', 'b', 'c'], { checkQuorum: false }, {}, { own: HIGHEST });
      cluster.elect('c');
      const { raft } = cluster.server('c');
      raft.step(messageOf('a->c', [kind, 'term=2', `last=${last}`, `priority=${priority}`]));
      cluster.work('c');
      expect(cluster.inFlight.at(-1)).toMatchObject({ to: 'a', granted });
    }
  });

  test('does not stand against a transfer, which the leader chose', () => {
    const cluster = new Cluster(['a', 'b', 'c'], {}, {}, { own: HIGHEST });
    cluster.elect('c').raft.transferLeadership(nodeId('a'));
    cluster.settle();
    expect(cluster.server('a').status.role).toBe('leader');
  });

  test.each([[-1], [256], [1.5]])('of %d is none', (priority) => {
    expect(() => new Cluster(['a'], { priority })).toThrow(`priority is ${priority}`);
  });
});

describe('of servers with equal logs', () => {
  test('only the one of highest priority is elected', () => {
    const cluster = new Cluster(['a', 'b', 'c'], {}, {}, { own: HIGHEST });
    for (const name of ['a', 'b']) {
      cluster.server(name).raft.campaign();
      cluster.settle();
    }
    // One vote is its own, the other that of who has a lower priority: b has two.
    expect(cluster.server('a').status.role).toBe('follower');
    expect(cluster.server('b').status.role).toBe('leader');
  });

  test('a newer log beats any priority', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { checkQuorum: false }, {}, { own: HIGHEST });
    cluster.elect('c').raft.propose([bytes('x')]);
    cluster.settle(['b']);
    cluster.server('b').raft.campaign();
    cluster.settle();
    expect(cluster.server('b').status.role).not.toBe('leader');
    cluster.server('a').raft.campaign();
    cluster.settle(['c']);
    expect(cluster.server('a').status.role).toBe('leader');
  });
});
