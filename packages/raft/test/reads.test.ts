import { describe, expect, test } from 'vitest';
import { type Message } from '../src/index.js';
import { Cluster, to } from './support/cluster.js';
import { messageOf } from './support/message-words.js';

const kindsOf = (messages: readonly Message[]): readonly string[] =>
  messages.map(({ kind, to: receiver }) => `${kind} ${receiver}`);

describe('reads (thesis §6.4)', () => {
  test('of one turn share one round of heartbeats, also with that of a tick', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const { raft } = cluster.elect('a');
    for (let context = 1; context <= 100; context++) raft.readIndex(context);
    raft.tick();
    expect(kindsOf(cluster.server('a').take().messages)).toEqual(['heartbeat b', 'heartbeat c']);
  });

  test('are proven by a majority, no fewer', () => {
    const cluster = new Cluster(['a', 'b', 'c', 'd', 'e']);
    const leader = cluster.elect('a');
    leader.raft.readIndex(1);
    cluster.settle(['c', 'd', 'e']);
    expect(leader.reads).toEqual([]);
    leader.raft.tick();
    cluster.settle(['d', 'e']);
    expect(leader.reads).toEqual([{ context: 1, index: 1 }]);
  });

  test('a lost round is made up for by the next heartbeat', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    leader.raft.readIndex(1);
    leader.take();
    cluster.drop();
    leader.raft.tick();
    cluster.settle();
    expect(leader.reads).toEqual([{ context: 1, index: 1 }]);
  });

  test('answers of an earlier term prove nothing', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    cluster.elect('a');
    const leader = cluster.server('a');
    leader.raft.readIndex(1);
    leader.take();
    leader.raft.step(messageOf('b->a', ['heartbeat-response', 'term=0', 'read=9']));
    expect(leader.raft.hasReady()).toBe(false);
  });

  test('wait for the first commit of a term, and none is forgotten (C35)', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.server('a');
    leader.raft.campaign();
    for (let round = 0; round < 2; round++) {
      cluster.work('a');
      cluster.deliver();
      for (const name of ['b', 'c']) cluster.work(name);
      cluster.deliver();
    }
    cluster.work('a');
    cluster.drop();
    expect(leader.status).toMatchObject({ role: 'leader', commit: 0 });
    leader.raft.readIndex(1);
    cluster.server('b').raft.step(messageOf('a->b', ['heartbeat', 'term=1']));
    cluster.server('b').raft.readIndex(2);
    cluster.work('b');
    cluster.deliver(to('a'));
    expect(leader.take().messages.filter(({ kind }) => kind === 'heartbeat')).toEqual([]);
    leader.raft.tick();
    cluster.settle();
    expect(leader.reads).toEqual([{ context: 1, index: 1 }]);
    expect(cluster.server('b').reads).toEqual([{ context: 2, index: 1 }]);
  });

  test('of a single server are answered at once, up to what is committed (C36)', () => {
    const cluster = new Cluster(['a']);
    const leader = cluster.server('a');
    leader.raft.campaign();
    leader.take();
    leader.finishWrite();
    expect(leader.status).toMatchObject({ role: 'leader', commit: 0 });
    // Its first entry is not durable, so it is not committed: even alone, a leader does not know yet.
    leader.raft.readIndex(1);
    expect(leader.take().readStates).toEqual([]);
    leader.finishWrite();
    expect(leader.take().readStates).toEqual([{ context: 1, index: 1 }]);
    leader.raft.propose([new Uint8Array([1])]);
    leader.raft.readIndex(2);
    expect(leader.take().readStates).toEqual([{ context: 2, index: 1 }]);
  });

  test('of a single server right after its restart wait for what it had committed (C36)', () => {
    const cluster = new Cluster(['a']);
    const leader = cluster.elect('a');
    for (let at = 0; at < 5; at++) leader.raft.propose([new Uint8Array([at])]);
    cluster.settle();
    leader.crash();
    expect(leader.raft.readIndex(1)).toBe(false);
    leader.raft.campaign();
    cluster.settle();
    leader.raft.readIndex(2);
    cluster.settle();
    expect(leader.reads).toEqual([{ context: 2, index: 7 }]);
    expect(leader.status.applied).toBe(7);
  });

  test('that wait are at most 4096; the next is refused, and room comes back', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    for (let context = 1; context <= 4096; context++) {
      expect(leader.raft.readIndex(context)).toBe(true);
      if (context % 1000 === 0) leader.take();
    }
    expect(leader.raft.readIndex(5000)).toBe(false);
    leader.raft.tick();
    cluster.settle();
    expect(leader.reads).toHaveLength(4096);
    expect(leader.raft.readIndex(5000)).toBe(true);
  });

  test('are dropped with the leadership: the readies tell of it, and later ones start anew', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { checkQuorum: false });
    const leader = cluster.elect('a');
    leader.raft.readIndex(1);
    leader.take();
    leader.raft.step(messageOf('b->a', ['heartbeat', 'term=2']));
    const { hardState, softState } = leader.take();
    expect(softState).toEqual({ role: 'follower', leader: 'b' });
    expect(hardState?.term).toBe(2);
    leader.raft.campaign();
    cluster.settle();
    expect(leader.status).toMatchObject({ role: 'leader', term: 3 });
    leader.raft.readIndex(2);
    cluster.settle();
    expect(leader.reads).toEqual([{ context: 2, index: 2 }]);
  });
});
