import { describe, expect, test } from 'vitest';
import { nodeId } from '../src/index.js';
import { bytes, Cluster, to } from './support/cluster.js';
import { changeFrom, configurationFrom } from './support/configuration-words.js';
import { messageOf } from './support/message-words.js';
import type { Server } from './support/server.js';

const b = nodeId('b');
const kindsTo = (cluster: Cluster, name: string): readonly string[] =>
  cluster.pick(to(name)).map(({ kind }) => kind);

function elected(options = {}): { readonly cluster: Cluster; readonly leader: Server } {
  const cluster = new Cluster(['a', 'b', 'c'], options);
  return { cluster, leader: cluster.elect('a') };
}

describe('a transfer of leadership (thesis §3.10)', () => {
  test('makes a voter that has the whole log leader, without waiting', () => {
    const { cluster, leader } = elected();
    expect(leader.raft.transferLeadership(b)).toEqual({ ok: true });
    cluster.settle();
    expect(cluster.server('b').status).toMatchObject({ role: 'leader', term: 2 });
    for (const { status } of cluster.servers)
      expect(status).toMatchObject({ leader: 'b', leadTransferee: '' });
  });

  test('lets it catch up first', () => {
    const { cluster, leader } = elected();
    leader.raft.propose([bytes('x')]);
    cluster.settle(['b']);
    leader.raft.transferLeadership(b);
    cluster.work('a');
    expect(kindsTo(cluster, 'b')).not.toContain('timeout-now');
    cluster.tick('a');
    cluster.settle();
    expect(cluster.server('b').status).toMatchObject({ role: 'leader', lastIndex: 3 });
  });

  test('asks at once one that has nothing under way', () => {
    const { cluster, leader } = elected();
    leader.raft.propose([bytes('x')]);
    cluster.settle(['b']);
    leader.raft.reportUnreachable(b);
    cluster.settle(['b']);
    leader.raft.transferLeadership(b);
    cluster.settle();
    expect(cluster.server('b').status.role).toBe('leader');
  });

  test('is asked for by a follower, of its leader', () => {
    const { cluster } = elected();
    expect(cluster.server('c').raft.transferLeadership(b)).toEqual({ ok: true });
    cluster.settle();
    expect(cluster.server('b').status.role).toBe('leader');
  });

  test('stops proposals while it lasts', () => {
    const { cluster, leader } = elected();
    leader.raft.transferLeadership(b);
    const refused = { ok: false, reason: 'TransferInProgress' };
    expect(leader.status.leadTransferee).toBe('b');
    expect(leader.raft.propose([bytes('x')])).toEqual(refused);
    expect(leader.raft.proposeConfigurationChange(changeFrom('remove c'))).toEqual(refused);
    cluster.settle(['b']);
    expect(leader.status.lastIndex).toBe(1);
  });

  test('is given up after an election timeout, and the leader goes on', () => {
    const { cluster, leader } = elected();
    leader.raft.transferLeadership(b);
    for (let tick = 0; tick < 10; tick++) {
      expect(leader.status.leadTransferee).toBe('b');
      cluster.tick('a');
      cluster.settle(['b']);
    }
    expect(leader.status).toMatchObject({ role: 'leader', leadTransferee: '' });
    expect(leader.raft.propose([bytes('x')])).toMatchObject({ ok: true });
  });

  test('has a whole election timeout, whenever it begins', () => {
    const { cluster, leader } = elected();
    cluster.tick('a', 9);
    leader.raft.transferLeadership(b);
    cluster.tick('a', 9);
    expect(leader.status.leadTransferee).toBe('b');
  });

  test('to another takes its place; to the leader itself, it ends', () => {
    const { leader } = elected();
    leader.raft.transferLeadership(b);
    leader.raft.transferLeadership(nodeId('c'));
    expect(leader.status.leadTransferee).toBe('c');
    expect(leader.raft.transferLeadership(nodeId('a'))).toEqual({ ok: true });
    expect(leader.status.leadTransferee).toBe('');
  });

  test('asked for again begins nothing anew', () => {
    const { cluster, leader } = elected();
    leader.raft.transferLeadership(b);
    cluster.tick('a', 9);
    leader.raft.transferLeadership(b);
    cluster.tick('a');
    expect(leader.status.leadTransferee).toBe('');
  });

  test.each([['d'], ['e']])('is refused for %s, who cannot lead', (name) => {
    const configuration = configurationFrom('a b c learners d');
    const leader = new Cluster(['a', 'b', 'c', 'd'], { configuration }).elect('a');
    expect(leader.raft.transferLeadership(nodeId(name))).toEqual({ ok: false, reason: 'NotVoter' });
    leader.raft.step(messageOf(`b->a`, ['transfer-request', 'term=1', `transferee=${name}`]));
    expect(leader.status.leadTransferee).toBe('');
  });

  test('is refused where no leader is known', () => {
    const { raft } = new Cluster(['a', 'b', 'c']).server('a');
    expect(raft.transferLeadership(b)).toEqual({ ok: false, reason: 'NotLeader' });
  });

  test('ends when the one who was to lead is removed', () => {
    const { cluster, leader } = elected();
    leader.raft.proposeConfigurationChange(changeFrom('remove b'));
    leader.raft.transferLeadership(b);
    expect(leader.status.leadTransferee).toBe('b');
    cluster.settle(['b']);
    expect(leader.status).toMatchObject({ role: 'leader', leadTransferee: '' });
  });

  test('does not make a learner campaign', () => {
    const cluster = new Cluster(['a', 'b'], { configuration: configurationFrom('a learners b') });
    cluster.elect('a');
    const { raft } = cluster.server('b');
    raft.step(messageOf('a->b', ['timeout-now', 'term=1']));
    expect(raft.status()).toMatchObject({ role: 'follower', term: 1 });
  });

  test('does not make a leader campaign', () => {
    const { leader } = elected();
    leader.raft.step(messageOf('b->a', ['timeout-now', 'term=1']));
    expect(leader.status).toMatchObject({ role: 'leader', term: 1 });
  });

  test('of an earlier term is not heard', () => {
    const { cluster } = elected();
    const { raft } = cluster.server('b');
    raft.step(messageOf('c->b', ['timeout-now', 'term=0']));
    expect(raft.status()).toMatchObject({ role: 'follower', term: 1 });
  });
});

describe('a forgotten leader', () => {
  test('is not protected any more', () => {
    const { cluster } = elected();
    const follower = cluster.server('b');
    const request = messageOf('c->b', ['vote-request', 'term=2', 'last=1/1']);
    follower.raft.step(request);
    expect(follower.status.term).toBe(1);
    follower.raft.forgetLeader();
    expect(follower.status.leader).toBe('');
    follower.raft.step(request);
    expect(follower.status).toMatchObject({ term: 2, vote: 'c' });
  });

  test('is remembered at its next heartbeat', () => {
    const { cluster } = elected();
    const follower = cluster.server('b');
    follower.raft.forgetLeader();
    cluster.tick('a');
    cluster.settle();
    expect(follower.status.leader).toBe('a');
  });

  test('is not the leader itself, and none where reads trust leases (C38)', () => {
    const { leader } = elected();
    leader.raft.forgetLeader();
    expect(leader.status).toMatchObject({ role: 'leader', leader: 'a' });
    const leased = new Cluster(['a', 'b', 'c'], { readOnlyOption: 'lease' }).server('b');
    leased.raft.step(messageOf('a->b', ['heartbeat', 'term=1']));
    leased.raft.forgetLeader();
    expect(leased.status.leader).toBe('a');
  });
});

describe('a process that stood still (C10, C37)', () => {
  test('does not lead any more', () => {
    const { leader } = elected();
    leader.raft.paused();
    expect(leader.status).toMatchObject({ role: 'follower', leader: '', term: 1 });
  });

  test('waits a whole election timeout before it campaigns', () => {
    const { cluster } = elected();
    const follower = cluster.server('b');
    cluster.tick('b', 9);
    follower.raft.paused();
    cluster.tick('b', 9);
    expect(follower.status).toMatchObject({ role: 'follower', leader: 'a' });
  });
});
