import { describe, expect, test } from 'vitest';
import { nodeId } from '../src/index.js';
import { leaseTicksOf } from '../src/lease.js';
import { Cluster } from './support/cluster.js';
import { changeFrom } from './support/configuration-words.js';
import { messageOf } from './support/message-words.js';
import type { Server } from './support/server.js';

/** Ten ticks to an election: a lease of seven. */
const TICKS = 10;

/** A leader of three whose last heartbeat was answered right now. */
function leased(): { readonly cluster: Cluster; readonly leader: Server } {
  const cluster = new Cluster(['a', 'b', 'c'], { readOnlyOption: 'lease' });
  for (const name of ['a', 'b', 'c']) cluster.tick(name, TICKS);
  for (const { id, status } of cluster.servers)
    if (status.role !== 'follower') throw new Error(`${id} campaigned`);
  const leader = cluster.elect('a');
  beat(cluster);
  return { cluster, leader };
}

function beat(cluster: Cluster): void {
  cluster.tick('a');
  cluster.settle();
}

let context = 0;
/** Whether a read is answered without asking anybody. */
function readsAtOnce(server: Server): boolean {
  server.raft.readIndex(++context, 'lease');
  server.take();
  return server.reads.some((read) => read.context === context);
}

describe('a read within a lease (thesis §6.4.1)', () => {
  test('is answered at once, at the commit index', () => {
    const { leader } = leased();
    leader.raft.readIndex(1, 'lease');
    expect(leader.take()).toMatchObject({ readStates: [{ context: 1, index: 1 }], messages: [] });
  });

  test('of a follower is answered by one message', () => {
    const { cluster } = leased();
    cluster.server('b').raft.readIndex(5, 'lease');
    cluster.work('b');
    cluster.deliver();
    cluster.work('a');
    expect(cluster.inFlight).toMatchObject([{ kind: 'read-index-response', context: 5, index: 1 }]);
  });

  test('is counted from when the round was sent, not from its answers (C37)', () => {
    const { cluster, leader } = leased();
    cluster.tick('a');
    cluster.work('a');
    const round = cluster.pick();
    cluster.tick('a', leaseTicksOf(TICKS));
    cluster.work('a');
    cluster.drop();
    // The answers to the old round come in now: its lease has just not run out.
    cluster.inFlight.push(...round);
    cluster.settle();
    expect(readsAtOnce(leader)).toBe(true);
    cluster.tick('a');
    expect(readsAtOnce(leader)).toBe(false);
  });

  test('falls back to a round when the lease has run out', () => {
    const { cluster, leader } = leased();
    cluster.tick('a', leaseTicksOf(TICKS));
    expect(readsAtOnce(leader)).toBe(true);
    cluster.tick('a');
    leader.raft.readIndex(77, 'lease');
    cluster.settle();
    expect(leader.reads.at(-1)).toEqual({ context: 77, index: 1 });
  });

  test('takes a majority of answers', () => {
    const { cluster, leader } = leased();
    cluster.tick('a', leaseTicksOf(TICKS) + 1);
    cluster.settle(['b', 'c']);
    expect(readsAtOnce(leader)).toBe(false);
    cluster.tick('a');
    cluster.settle(['c']);
    expect(readsAtOnce(leader)).toBe(true);
  });

  test.each([
    [10, 7],
    [20, 16],
    [3, 0],
    [2, -1],
  ])('of %d election ticks lasts %d', (electionTicks, ticks) => {
    expect(leaseTicksOf(electionTicks)).toBe(ticks);
  });

  test('waits for the first commit of the term like any other', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { readOnlyOption: 'lease' });
    for (const name of ['a', 'b', 'c']) cluster.tick(name, TICKS);
    const { raft } = cluster.server('a');
    raft.campaign();
    for (let round = 0; raft.status().role !== 'leader'; round++) {
      if (round > 10) throw new Error('nobody was elected');
      for (const { id } of cluster.servers) cluster.work(id);
      cluster.deliver();
    }
    raft.readIndex(1, 'lease');
    expect(raft.ready().readStates).toEqual([]);
  });
});

describe('a lease ends', () => {
  test('with a transfer of leadership, for the rest of the term (C38)', () => {
    const { cluster, leader } = leased();
    leader.raft.transferLeadership(nodeId('b'));
    expect(readsAtOnce(leader)).toBe(false);
    leader.raft.transferLeadership(nodeId('a'));
    cluster.drop();
    beat(cluster);
    // Whoever was asked may still campaign.
    expect(readsAtOnce(leader)).toBe(false);
  });

  test('not with a transfer that was given up before anybody was asked to campaign', () => {
    const { cluster, leader } = leased();
    leader.raft.propose([new Uint8Array(1)]);
    leader.raft.transferLeadership(nodeId('b'));
    expect(readsAtOnce(leader)).toBe(false);
    leader.raft.transferLeadership(nodeId('a'));
    cluster.drop();
    beat(cluster);
    expect(readsAtOnce(leader)).toBe(true);
  });

  test('when the process stood still', () => {
    const { leader } = leased();
    leader.raft.paused();
    leader.raft.readIndex(9, 'lease');
    expect(leader.take().readStates).toEqual([]);
  });

  test('when a larger configuration has no majority of answers', () => {
    const { cluster, leader } = leased();
    leader.raft.proposeConfigurationChange(
      changeFrom('joint-explicit add-voter d add-voter e remove b remove c'),
    );
    cluster.settle(['d', 'e']);
    expect(readsAtOnce(leader)).toBe(false);
  });
});

describe('nobody is elected within a lease', () => {
  test('by a server that has just started: it may have answered the leader before', () => {
    const { cluster } = leased();
    const restarted = cluster.server('b');
    restarted.crash();
    const request = messageOf('c->b', ['vote-request', 'term=2', 'last=9/9']);
    restarted.raft.step(request);
    restarted.raft.campaign();
    expect(restarted.status).toMatchObject({ role: 'follower', term: 1 });
    cluster.tick('b', TICKS);
    restarted.raft.step(request);
    expect(restarted.status).toMatchObject({ term: 2, vote: 'c' });
  });

  test('by a follower that has entered a later term since', () => {
    const { cluster } = leased();
    const follower = cluster.server('b');
    // The answer to something that it sent when it led, long ago, of a server that campaigned in the meantime.
    follower.raft.step(messageOf('c->b', ['heartbeat-response', 'term=5']));
    expect(follower.status).toMatchObject({ term: 5, leader: '' });
    for (const term of [5, 6])
      follower.raft.step(messageOf('c->b', ['vote-request', `term=${term}`, 'last=9/9']));
    expect(follower.status).toMatchObject({ term: 5, vote: '' });
    cluster.tick('b', TICKS - 1);
    follower.raft.step(messageOf('c->b', ['vote-request', 'term=6', 'last=9/9']));
    expect(follower.status.vote).toBe('');
    cluster.tick('b');
    follower.raft.step(messageOf('c->b', ['vote-request', 'term=6', 'last=9/9']));
    expect(follower.status).toMatchObject({ term: 6, vote: 'c' });
  });

  test('unless the leader chose who is to be', () => {
    const { cluster, leader } = leased();
    leader.raft.transferLeadership(nodeId('b'));
    cluster.settle();
    expect(cluster.server('b').status.role).toBe('leader');
  });

  test('by a follower that is told to campaign', () => {
    const { cluster } = leased();
    const { raft } = cluster.server('b');
    raft.campaign();
    expect(raft.status().role).toBe('follower');
    cluster.tick('b', 9);
    raft.campaign();
    expect(raft.status().role).toBe('follower');
    cluster.tick('b');
    raft.campaign();
    expect(raft.status().role).not.toBe('follower');
  });
});

describe('leases', () => {
  test('need a leader that steps down without its majority', () => {
    const start = (): Cluster => new Cluster(['a'], { readOnlyOption: 'lease', checkQuorum: false });
    expect(start).toThrow('readOnlyOption is lease; it requires checkQuorum');
  });
});
