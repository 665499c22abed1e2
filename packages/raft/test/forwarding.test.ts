import { describe, expect, test } from 'vitest';
import { encodeConfigurationChange } from '../src/index.js';
import { bytes, Cluster, textOf, to } from './support/cluster.js';
import { changeFrom, configurationWords } from './support/configuration-words.js';
import { messageOf } from './support/message-words.js';

const forwarding = (options = {}): Cluster =>
  new Cluster(['a', 'b', 'c'], { proposalForwarding: true, ...options });

describe('a proposal on a follower', () => {
  test('is refused unless it may be passed on', () => {
    const cluster = forwarding({ proposalForwarding: false });
    const leader = cluster.elect('a');
    expect(cluster.server('b').raft.propose([bytes('x')])).toEqual({ ok: false, reason: 'NotLeader' });
    leader.raft.step({
      ...messageOf('b->a', ['heartbeat-response', 'term=1']),
      kind: 'propose-request',
      entries: [{ kind: 'normal', data: bytes('x') }],
    });
    expect(leader.status.lastIndex).toBe(1);
  });

  test('is appended by the leader, in its order', () => {
    const cluster = forwarding();
    cluster.elect('a');
    const follower = cluster.server('b');
    expect(follower.raft.propose(['x', 'y'].map(bytes))).toEqual({ ok: false, reason: 'Forwarded' });
    cluster.settle();
    expect(follower.applied.map(({ data }) => textOf(data))).toEqual(['', 'x', 'y']);
  });

  test('is refused while no leader is known', () => {
    const { raft } = forwarding().server('b');
    expect(raft.propose([bytes('x')])).toEqual({ ok: false, reason: 'NotLeader' });
  });

  test('is passed on once, and lost with a leader that is none any more (C42)', () => {
    const cluster = forwarding();
    cluster.elect('a');
    cluster.server('b').raft.propose([bytes('x')]);
    cluster.work('b');
    const [request] = cluster.pick(to('a'));
    expect(request?.kind).toBe('propose-request');
    cluster.server('a').raft.transferLeadership(cluster.server('c').id);
    cluster.settle();
    if (request) cluster.server('a').raft.step({ ...request, term: cluster.server('a').status.term });
    cluster.settle();
    expect(cluster.server('c').status).toMatchObject({ role: 'leader', lastIndex: 2 });
  });

  test('may change the members', () => {
    const cluster = forwarding();
    cluster.elect('a');
    expect(cluster.server('b').raft.proposeConfigurationChange(changeFrom('remove c'))).toEqual({
      ok: false,
      reason: 'Forwarded',
    });
    cluster.settle();
    expect(configurationWords(cluster.server('b').configuration)).toBe('a b');
  });

  test.each([['remove a remove b remove c'], ['leave']])(
    'that is no possible change, as %s, is dropped',
    (what) => {
      const cluster = forwarding();
      const leader = cluster.elect('a');
      cluster.server('b').raft.proposeConfigurationChange(changeFrom(what));
      cluster.settle();
      expect(leader.status).toMatchObject({ role: 'leader', lastIndex: 1 });
    },
  );

  test('that is no change at all, or not alone, is dropped', () => {
    const cluster = forwarding();
    const leader = cluster.elect('a');
    const head = messageOf('b->a', ['heartbeat-response', 'term=1']);
    const possible = encodeConfigurationChange(changeFrom('remove c'));
    const change = { kind: 'configuration', data: possible } as const;
    leader.raft.step({ ...head, kind: 'propose-request', entries: [change, change] });
    const garbage = { kind: 'configuration', data: bytes('garbage') } as const;
    leader.raft.step({ ...head, kind: 'propose-request', entries: [garbage] });
    leader.raft.step({ ...head, kind: 'propose-request', entries: [garbage, garbage] });
    leader.raft.step({ ...head, kind: 'propose-request', entries: [] });
    expect(leader.status).toMatchObject({ role: 'leader', lastIndex: 1 });
  });
});
