import { describe, expect, test } from 'vitest';
import {
  type ConfigurationChange,
  configurationOf,
  encodeConfigurationChange,
  index,
  type Message,
  nodeId,
} from '../src/index.js';
import { bytes, Cluster } from './support/cluster.js';
import { changeFrom, configurationFrom, configurationWords } from './support/configuration-words.js';
import type { Server } from './support/server.js';

const words = ({ configuration }: Server): string => configurationWords(configuration);

/** Proposes a change, and lets it be done everywhere. */
function change(cluster: Cluster, leader: Server, what: string, cutOff: readonly string[] = []): void {
  const result = leader.raft.proposeConfigurationChange(changeFrom(what));
  if (!result.ok) throw new Error(result.reason);
  cluster.settle(cutOff);
}

describe('a change of one member (thesis §4.1)', () => {
  test('takes effect on every server when it is applied there', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    expect(leader.raft.proposeConfigurationChange(changeFrom('remove c'))).toEqual({
      ok: true,
      term: 1,
      index: 2,
    });
    expect(words(leader)).toBe('a b c');
    cluster.settle();
    for (const server of cluster.servers) expect(words(server)).toBe('a b');
    expect(leader.status.progress.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('brings in a server that knew nobody, and gives it the whole log', () => {
    const cluster = new Cluster(['a']);
    const leader = cluster.elect('a');
    leader.raft.propose(['x', 'y'].map(bytes));
    cluster.settle();
    const joined = cluster.join('b');
    change(cluster, leader, 'add-voter b');
    expect(joined.log.shown).toEqual(leader.log.shown);
    expect(words(joined)).toBe('a b');
    // From here on, neither decides alone.
    leader.raft.propose([bytes('z')]);
    cluster.settle(['b']);
    expect(leader.status).toMatchObject({ lastIndex: 5, commit: 4 });
  });

  test('gives a newcomer an election timeout before the leader misses it', () => {
    const cluster = new Cluster(['a']);
    const leader = cluster.elect('a');
    change(cluster, leader, 'add-voter b', ['b']);
    expect(leader.status.progress[1]).toMatchObject({ id: 'b', match: 0, next: 2, recentlyActive: true });
    cluster.tick('a', 10);
    expect(leader.status.role).toBe('leader');
    cluster.tick('a', 10);
    expect(leader.status.role).toBe('follower');
  });

  test('commits what the smaller majority has already', () => {
    const cluster = new Cluster(['a', 'b', 'c', 'd']);
    const leader = cluster.elect('a');
    // b and c acknowledge the change alone: what comes behind it has not reached c yet.
    leader.raft.proposeConfigurationChange(changeFrom('remove d'));
    cluster.work('a');
    leader.raft.propose([bytes('x')]);
    leader.raft.readIndex(5);
    cluster.work('a');
    const isLate = ({ from, to: receiver, ...message }: Message): boolean =>
      from === 'a' &&
      receiver === 'c' &&
      (message.kind === 'heartbeat' || (message.kind === 'append-request' && message.previousIndex >= 2));
    for (let round = 0; round < 10; round++) {
      cluster.drop((message) => message.to === 'd' || isLate(message));
      cluster.deliver();
      for (const { id } of cluster.servers) cluster.work(id);
    }
    expect(words(leader)).toBe('a b c');
    expect(leader.status).toMatchObject({ lastIndex: 3, commit: 3 });
    expect(leader.reads).toHaveLength(1);
  });

  test('carries the bytes of whoever drives it', () => {
    const cluster = new Cluster(['a']);
    const leader = cluster.elect('a');
    const proposed: ConfigurationChange = { ...changeFrom('add-learner b'), context: bytes('b:7000') };
    leader.raft.proposeConfigurationChange(proposed);
    cluster.settle(['b']);
    expect(leader.applied.at(-1)?.data).toEqual(encodeConfigurationChange(proposed));
  });
});

describe('only one change is under way (C22)', () => {
  test('a second one is refused until the first is applied', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    leader.raft.proposeConfigurationChange(changeFrom('remove c'));
    const refused = leader.raft.proposeConfigurationChange(changeFrom('remove b'));
    expect(refused).toEqual({ ok: false, reason: 'ConfigurationChangePending' });
    cluster.settle();
    expect(leader.raft.proposeConfigurationChange(changeFrom('remove b'))).toMatchObject({ ok: true });
  });

  test('a new leader takes none before its first entry is applied (C21)', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.server('a');
    leader.raft.campaign();
    for (let round = 0; leader.status.role !== 'leader'; round++) {
      if (round > 10) throw new Error('nobody was elected');
      for (const { id } of cluster.servers) cluster.work(id);
      cluster.deliver();
    }
    const refused = { ok: false, reason: 'ConfigurationChangePending' };
    expect(leader.raft.proposeConfigurationChange(changeFrom('remove c'))).toEqual(refused);
    cluster.settle();
    expect(leader.raft.proposeConfigurationChange(changeFrom('remove c'))).toMatchObject({ ok: true });
  });

  test('one that was lost with its leader never takes effect', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { checkQuorum: false });
    const old = cluster.elect('a');
    old.raft.proposeConfigurationChange(changeFrom('remove c'));
    cluster.work('a');
    cluster.drop();
    cluster.server('b').raft.campaign();
    cluster.settle(['a']);
    expect(cluster.server('b').status.role).toBe('leader');
    cluster.tick('b');
    cluster.settle();
    for (const server of cluster.servers) expect(words(server)).toBe('a b c');
    expect(old.status.lastIndex).toBe(2);
    expect(cluster.server('b').raft.proposeConfigurationChange(changeFrom('remove c'))).toMatchObject({
      ok: true,
    });
  });

  test('a follower refuses, and a change that is none is told at once', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    const atFollower = cluster.server('b').raft.proposeConfigurationChange(changeFrom('remove c'));
    expect(atFollower).toEqual({ ok: false, reason: 'NotLeader' });
    const all = changeFrom('remove a remove b remove c');
    expect(() => leader.raft.proposeConfigurationChange(all)).toThrow('InvalidArgument');
    expect(leader.raft.proposeConfigurationChange(changeFrom('leave'))).toEqual({
      ok: false,
      reason: 'NotJoint',
    });
    expect(leader.status.lastIndex).toBe(1);
  });
});

describe('after a crash a server is one change behind at most', () => {
  test('since a change becomes durable together with the commit of the one before', () => {
    const cluster = new Cluster(['a', 'b', 'c', 'd']);
    const leader = cluster.elect('a');
    change(cluster, leader, 'remove d');
    leader.raft.proposeConfigurationChange(changeFrom('remove c'));
    cluster.work('a');
    cluster.deliver(({ to }) => to === 'c');
    const follower = cluster.server('c');
    follower.take();
    follower.crash(1);
    expect(follower.status).toMatchObject({ lastIndex: 3, commit: 2 });
    follower.raft.campaign();
    expect(follower.status.role).toBe('follower');
    follower.take();
    expect(words(follower)).toBe('a b c');
  });
});

describe('a joint configuration (§6)', () => {
  const joint = (autoLeave = false): Cluster =>
    new Cluster(['a', 'b', 'c', 'd', 'e'], {
      configuration: configurationFrom(`a b c & a d e${autoLeave ? ' auto-leave' : ''}`),
    });

  test.each([
    ['a majority of each half', ['c', 'e'], 'leader'],
    ['the incoming half alone', ['d', 'e'], 'pre-candidate'],
    ['the outgoing half alone', ['b', 'c'], 'pre-candidate'],
  ])('is won by %s', (_who, cutOff, role) => {
    const cluster = joint();
    cluster.server('a').raft.campaign();
    cluster.settle(cutOff);
    expect(cluster.server('a').status.role).toBe(role);
  });

  test.each([
    [['c', 'e'], true],
    [['d', 'e'], false],
    [['b', 'c'], false],
  ])('without %j commits and proves reads: %s', (cutOff, decides) => {
    const cluster = joint();
    const leader = cluster.elect('a');
    leader.raft.propose([bytes('x')]);
    leader.raft.readIndex(7);
    cluster.settle(cutOff);
    expect(leader.status.commit).toBe(decides ? 2 : 1);
    expect(leader.reads).toHaveLength(decides ? 1 : 0);
  });

  test.each([
    [['c', 'e'], 'leader'],
    [['d', 'e'], 'follower'],
    [['b', 'c'], 'follower'],
  ])('without %j is led by a %s after an election timeout', (cutOff, role) => {
    const cluster = joint();
    const leader = cluster.elect('a');
    for (let tick = 0; tick < 20; tick++) {
      cluster.tick('a');
      cluster.settle(cutOff);
    }
    expect(leader.status.role).toBe(role);
  });

  test('is entered and left by itself when two voters change at once', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    for (const name of ['d', 'e']) cluster.join(name);
    change(cluster, leader, 'add-voter d add-voter e remove b remove c');
    for (const name of ['a', 'd', 'e']) expect(words(cluster.server(name))).toBe('a d e');
    expect(leader.status).toMatchObject({ lastIndex: 3, commit: 3, applied: 3 });
  });

  test('is left by a new leader only when its own first entry is applied', () => {
    const cluster = new Cluster(['a'], { configuration: configurationFrom('a & a auto-leave') });
    const { log, raft } = cluster.server('a');
    raft.campaign();
    const vote = raft.ready();
    log.append({ entries: [], ...(vote.hardState && { hardState: vote.hardState }) });
    raft.advance(vote);
    expect(raft.status()).toMatchObject({ role: 'leader', lastIndex: 1 });
    // The driver says again how far it is: nothing of this term is applied.
    raft.applied(index(0));
    expect(raft.status().lastIndex).toBe(1);
  });

  test('stays until it is told to leave, and takes nothing else meanwhile', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    change(cluster, leader, 'joint-explicit remove c');
    expect(words(leader)).toBe('a b & a b c');
    const other = leader.raft.proposeConfigurationChange(changeFrom('remove b'));
    expect(other).toEqual({ ok: false, reason: 'Joint' });
    change(cluster, leader, 'leave');
    for (const server of cluster.servers.slice(0, 2)) expect(words(server)).toBe('a b');
  });

  test('is left by the next leader when its leader did not come to it (C23)', () => {
    const cluster = joint(true);
    cluster.elect('a');
    for (const name of ['a', 'b', 'c']) expect(words(cluster.server(name))).toBe('a b c');
    expect(cluster.server('a').status.lastIndex).toBe(2);
  });

  test('keeps a demoted voter deciding until it is left, as a learner afterwards', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    change(cluster, leader, 'joint-explicit add-learner c');
    expect(words(leader)).toBe('a b & a b c next c');
    expect(leader.status.progress.map(({ id, isLearner }) => [id, isLearner])).toEqual([
      ['a', false],
      ['b', false],
      ['c', false],
    ]);
    change(cluster, leader, 'leave');
    expect(words(cluster.server('c'))).toBe('a b learners c');
    expect(leader.status.progress[2]).toMatchObject({ id: 'c', isLearner: true, match: 3 });
  });
});

describe('a leader that is removed (thesis §4.2.2, C24)', () => {
  test('leads until its removal is applied, tells the others, and steps down', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { checkQuorum: false });
    const leader = cluster.elect('a');
    leader.raft.proposeConfigurationChange(changeFrom('remove a'));
    cluster.work('a');
    expect(leader.status.role).toBe('leader');
    cluster.settle();
    expect(leader.status).toMatchObject({ role: 'follower', commit: 2 });
    for (const name of ['b', 'c']) expect(words(cluster.server(name))).toBe('b c');
    cluster.elect('b');
    expect(leader.status.lastIndex).toBe(2);
  });

  test('does not campaign any more', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    change(cluster, leader, 'remove a');
    cluster.tick('a', 100);
    leader.raft.campaign();
    expect(leader.status.role).toBe('follower');
  });

  test('counts itself in the outgoing half only while it is joint', () => {
    const cluster = new Cluster(['a', 'b', 'c', 'd'], { configuration: configurationFrom('b c d & a b c') });
    const leader = cluster.elect('a');
    leader.raft.propose([bytes('x')]);
    // Two of the outgoing half have it, one of the incoming.
    cluster.settle(['c', 'd']);
    expect(leader.status.commit).toBe(1);
    cluster.tick('a');
    cluster.settle(['d']);
    expect(leader.status.commit).toBe(2);
  });
});

describe('a change that is committed and not applied', () => {
  test('keeps a server from campaigning', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    cluster.elect('a').raft.proposeConfigurationChange(changeFrom('remove c'));
    cluster.work('a');
    cluster.deliver();
    cluster.work('b');
    cluster.deliver();
    cluster.work('a');
    cluster.deliver();
    const { raft, status } = cluster.server('b');
    expect(status).toMatchObject({ commit: 2, applied: 1 });
    raft.campaign();
    expect(raft.status().role).toBe('follower');
    const { committedEntries } = raft.ready();
    expect(committedEntries.map(({ kind }) => kind)).toEqual(['configuration']);
    raft.campaign();
    expect(raft.status().role).toBe('follower');
    raft.applied(index(2));
    raft.campaign();
    expect(raft.status().role).toBe('pre-candidate');
  });
});

describe('learners (thesis §4.2.1)', () => {
  const withLearner = (): Cluster =>
    new Cluster(['a', 'b', 'c', 'd'], {
      configuration: configurationOf({ voters: ['a', 'b', 'c'].map(nodeId), learners: [nodeId('d')] }),
    });

  test('get all entries and commit nothing', () => {
    const cluster = withLearner();
    const leader = cluster.elect('a');
    leader.raft.propose([bytes('x')]);
    cluster.settle(['b', 'c']);
    expect(cluster.server('d').status).toMatchObject({ lastIndex: 2, commit: 1 });
    expect(leader.status.commit).toBe(1);
  });

  test('do not campaign, however long they hear nothing', () => {
    const learner = withLearner().server('d');
    for (let tick = 0; tick < 100; tick++) learner.raft.tick();
    learner.raft.campaign();
    expect(learner.raft.hasReady()).toBe(false);
  });

  test('vote when they are asked: they may be voters without knowing it (C8)', () => {
    const cluster = withLearner();
    const learner = cluster.server('d');
    learner.raft.step({
      kind: 'vote-request',
      from: nodeId('a'),
      to: nodeId('d'),
      term: cluster.server('a').status.term,
      lastIndex: index(9),
      lastTerm: learner.status.term,
      transfer: false,
      priority: 0,
    });
    cluster.work('d');
    expect(cluster.inFlight).toMatchObject([{ kind: 'vote-response', granted: true }]);
  });

  test('do not keep a leader in office', () => {
    const cluster = withLearner();
    const leader = cluster.elect('a');
    for (let tick = 0; tick < 20; tick++) {
      cluster.tick('a');
      cluster.settle(['b', 'c']);
    }
    expect(leader.status.role).toBe('follower');
  });

  test('decide as soon as they are promoted', () => {
    const cluster = withLearner();
    const leader = cluster.elect('a');
    change(cluster, leader, 'add-voter d');
    leader.raft.propose([bytes('x')]);
    cluster.settle(['b', 'c']);
    expect(leader.status.commit).toBe(2);
    cluster.tick('a');
    cluster.settle(['c']);
    expect(leader.status.commit).toBe(3);
  });
});
