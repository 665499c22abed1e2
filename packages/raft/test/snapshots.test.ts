import { seededRandom } from '@decoraft/base';
import { describe, expect, test } from 'vitest';
import {
  encodeConfigurationChange,
  type Entry,
  index,
  type InstallSnapshotRequest,
  type Message,
  NOBODY,
  nodeId,
  Raft,
  type Ready,
  term,
} from '../src/index.js';
import { bytes, Cluster, textOf, to } from './support/cluster.js';
import { changeFrom, configurationFrom, configurationWords } from './support/configuration-words.js';
import type { Image } from './support/machine.js';
import { MemoryLog, type Snapshot } from './support/memory-log.js';
import { messageOf } from './support/message-words.js';
import { Server, type Snapshots } from './support/server.js';

const textsOf = ({ applied }: Server): readonly string[] => applied.map(({ data }) => textOf(data));

/** A cluster whose c missed the entries 2 to 6, which the leader has no more. */
function behind(options = {}): { readonly cluster: Cluster; readonly leader: Server; readonly slow: Server } {
  const cluster = new Cluster(['a', 'b', 'c'], options);
  const leader = cluster.elect('a');
  leader.raft.propose(['1', '2', '3', '4', '5'].map(bytes));
  cluster.settle(['c']);
  leader.compact();
  return { cluster, leader, slow: cluster.server('c') };
}

/** All snapshots that anybody offered: their data. */
const offered: Snapshots = new Map<string, Image>();

/** A snapshot as a leader b of `inTerm` would send it to a. */
function offer(at: number, inTerm: number, configuration = 'a b c'): InstallSnapshotRequest {
  const entries = Array.from({ length: at }, (_, place) => entryOf(place + 1, inTerm, 's'));
  const metadata = { index: index(at), term: term(inTerm), configuration: configurationFrom(configuration) };
  offered.set(`${at}/${inTerm}`, { ...metadata, data: bytes('0'), entries });
  const head = { from: nodeId('b'), to: nodeId('a'), term: term(inTerm) };
  return { kind: 'install-snapshot-request', ...head, snapshot: metadata };
}

function entryOf(at: number, inTerm: number, prefix: string): Entry {
  return { index: index(at), term: term(inTerm), kind: 'normal', data: bytes(`${prefix}${at}`) };
}

/** Server a with a log of these terms. */
function holding(terms: readonly number[], commit = 0): Server {
  const entries = terms.map((inTerm, place) => entryOf(place + 1, inTerm, 'e'));
  const hardState = { term: term(terms.at(-1) ?? 0), vote: NOBODY, commit: index(commit) };
  const options = { electionTicks: 10, heartbeatTicks: 1, random: seededRandom(1) };
  const configuration = configurationFrom('a b c');
  const server = new Server(nodeId('a'), { ...options, configuration }, { entries, hardState }, offered);
  work(server);
  return server;
}

function snapshotOf({ snapshot }: Ready): Snapshot {
  if (!snapshot) throw new Error('there is no snapshot to install');
  return { ...snapshot, data: bytes('0') };
}

function work(server: Server): readonly Message[] {
  const said: Message[] = [];
  while (server.raft.hasReady()) said.push(...server.take().messages);
  while (server.writing.length > 0) said.push(...server.finishWrite());
  return said;
}

describe('a peer that needs entries which the leader has no more (§7)', () => {
  test('gets the snapshot, and then what comes behind it', () => {
    const { cluster, leader, slow } = behind();
    leader.raft.propose([bytes('6')]);
    cluster.settle(['c']);
    cluster.tick('a');
    cluster.settle();
    expect(slow.log.firstIndex()).toBe(7);
    expect(textsOf(slow)).toEqual(['', '1', '2', '3', '4', '5', '6']);
    expect(leader.status.progress[2]).toMatchObject({ state: 'replicate', match: 7, pendingSnapshot: 0 });
  });

  test('that was not heard of lately is not sent a snapshot', () => {
    const { cluster, leader } = behind();
    for (let tick = 0; tick < 20; tick++) {
      cluster.tick('a');
      cluster.settle(['c']);
    }
    leader.raft.reportUnreachable(nodeId('c'));
    cluster.work('a');
    expect(cluster.pick(to('c')).map(({ kind }) => kind)).toEqual([]);
  });
});

describe('a snapshot under way', () => {
  /** The leader has just sent it. */
  function sending(): ReturnType<typeof behind> & { readonly sent: () => readonly string[] } {
    const { cluster, leader, slow } = behind();
    cluster.tick('a');
    cluster.work('a');
    cluster.deliver(to('c'));
    cluster.drop();
    const isSent = (): boolean => leader.status.progress[2]?.state === 'snapshot';
    for (let round = 0; round < 10 && !isSent(); round++) {
      cluster.work('c');
      cluster.deliver(to('a'));
      cluster.work('a');
      if (!isSent()) cluster.deliver(to('c'));
    }
    cluster.drop();
    const sent = (): readonly string[] => {
      cluster.work('a');
      return cluster.pick(to('c')).map(({ kind }) => kind);
    };
    return { cluster, leader, slow, sent };
  }

  const beat = (server: Server): void =>
    server.raft.step(messageOf('c->a', ['heartbeat-response', 'term=1']));

  test('stops everything but heartbeats', () => {
    const { cluster, leader, sent } = sending();
    expect(leader.status.progress[2]).toMatchObject({ pendingSnapshot: 6, next: 7, isPaused: true });
    leader.raft.propose([bytes('6')]);
    cluster.tick('a');
    expect(sent()).toEqual(['heartbeat']);
    beat(leader);
    expect(sent()).toEqual([]);
  });

  test('that failed is sent again when the peer is heard of', () => {
    const { leader, sent } = sending();
    leader.raft.reportSnapshot(nodeId('c'), 'failed');
    expect(leader.status.progress[2]).toMatchObject({ state: 'probe', next: 2, isPaused: true });
    expect(sent()).toEqual([]);
    beat(leader);
    expect(sent()).toEqual(['install-snapshot-request']);
  });

  test('that arrived is followed by a probe behind it', () => {
    const { leader, sent } = sending();
    leader.raft.reportSnapshot(nodeId('c'), 'finished');
    expect(leader.status.progress[2]).toMatchObject({ state: 'probe', next: 7, isPaused: true });
    expect(sent()).toEqual([]);
    beat(leader);
    expect(sent()).toEqual(['append-request']);
  });

  test('is over when the peer has reached the log by another way', () => {
    const { leader } = sending();
    leader.raft.step(messageOf('c->a', ['append-response', 'term=1', 'match=3']));
    expect(leader.status.progress[2]).toMatchObject({ state: 'snapshot', match: 3 });
    leader.raft.step(messageOf('c->a', ['append-response', 'term=1', 'match=6']));
    expect(leader.status.progress[2]).toMatchObject({ state: 'replicate', match: 6, next: 7 });
    leader.raft.reportSnapshot(nodeId('c'), 'failed');
    expect(leader.status.progress[2]?.state).toBe('replicate');
  });

  test('is not ended by an old rejection', () => {
    const { leader } = sending();
    leader.raft.step(messageOf('c->a', ['append-response', 'term=1', 'rejected=6', 'hint=1/1']));
    expect(leader.status.progress[2]).toMatchObject({ state: 'snapshot', next: 7 });
  });
});

describe('a leader does not send a snapshot', () => {
  test('that does not know the receiver: a newer one is needed', () => {
    const { cluster, leader } = behind();
    const joined = cluster.join('d');
    leader.raft.proposeConfigurationChange(changeFrom('add-learner d'));
    for (let round = 0; round < 3; round++) {
      cluster.settle();
      cluster.tick('a');
    }
    cluster.settle();
    expect(joined.applied).toEqual([]);
    expect(leader.status.progress[3]).toMatchObject({ id: 'd', state: 'probe' });
    leader.compact();
    cluster.tick('a');
    cluster.settle();
    expect(textsOf(joined).slice(0, 6)).toEqual(['', '1', '2', '3', '4', '5']);
    expect(configurationWords(joined.configuration)).toBe('a b c learners d');
  });
});

describe('whoever receives a snapshot', () => {
  test('hands out nothing behind it before it was applied, and writes all in one', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 2));
    server.raft.step(
      messageOf('b->a', ['append-request', 'term=2', 'previous=5/2', 'entries=6/2:x', 'commit=6']),
    );
    const { raft, log } = server;
    const ready = raft.ready();
    expect(ready).toMatchObject({
      snapshot: { index: 5 },
      hardState: { term: 2, commit: 6 },
      committedEntries: [],
    });
    expect(ready.entries.map(({ index: at }) => at)).toEqual([6]);
    log.append({ entries: ready.entries, snapshot: snapshotOf(ready) });
    log.flush();
    raft.advance(ready);
    expect(raft.ready().committedEntries).toEqual([]);
    raft.applied(index(5));
    expect(raft.ready().committedEntries.map(({ index: at }) => at)).toEqual([6]);
  });

  test('answers when it is durable, and not before', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 2));
    expect(server.take().messages).toEqual([]);
    expect(server.finishWrite()).toMatchObject([{ kind: 'append-response', rejected: false, matchIndex: 5 }]);
    expect(server.status).toMatchObject({ firstIndex: 6, lastIndex: 5, commit: 5, applied: 5 });
  });

  test.each([
    ['at its commit index', 2],
    ['before its commit index', 1],
  ])('ignores one %s (C31)', (_where, at) => {
    const server = holding([1, 1, 1], 2);
    server.raft.step(offer(at, 1));
    expect(work(server)).toMatchObject([{ kind: 'append-response', matchIndex: 2 }]);
    expect(server.log.shown).toHaveLength(3);
  });

  test('only commits, when its log has all of it', () => {
    const server = holding([1, 1, 2, 2]);
    server.raft.step(offer(3, 2, 'a b'));
    const { snapshot } = server.take();
    expect(snapshot).toBeUndefined();
    expect(work(server)).toMatchObject([{ kind: 'append-response', matchIndex: 3 }]);
    expect(textsOf(server)).toEqual(['e1', 'e2', 'e3']);
    expect(configurationWords(server.configuration)).toBe('a b c');
  });

  test('ignores one that does not know it', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 2, 'b c'));
    expect(work(server)).toMatchObject([{ kind: 'append-response', matchIndex: 0 }]);
    expect(server.status).toMatchObject({ lastIndex: 1, commit: 0 });
  });

  test('drops all of a log that it contradicts, also behind it (C29)', () => {
    const server = holding([1, 1, 1, 1, 1, 1]);
    server.raft.step(offer(4, 2));
    work(server);
    expect(server.log.shown).toEqual([]);
    expect(textsOf(server)).toEqual(['s1', 's2', 's3', 's4']);
  });

  test('takes its configuration, whatever was in effect or in the log (C25)', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 2, 'b & b c learners a'));
    work(server);
    expect(configurationWords(server.configuration)).toBe('b & b c learners a');
    // A learner by the snapshot: it does not campaign.
    server.raft.campaign();
    expect(server.status.role).toBe('follower');
  });

  test('does not count an older write that becomes durable after it arrived', () => {
    const server = holding([]);
    const entries = 'entries=1/1:x,2/1:y,3/1:z';
    server.raft.step(messageOf('b->a', ['append-request', 'term=1', entries, 'commit=0']));
    server.take();
    server.raft.step(offer(2, 2));
    server.take();
    server.finishWrite();
    expect(server.applied).toEqual([]);
    expect(server.status.lastIndex).toBe(2);
    server.finishWrite();
    expect(textsOf(server)).toEqual(['s1', 's2']);
  });

  test('lets the second of two in quick succession win (C33)', () => {
    const server = holding([1]);
    server.raft.step(offer(4, 2));
    server.take();
    server.raft.step(offer(6, 2));
    server.take();
    expect(server.finishWrite()).toMatchObject([{ matchIndex: 4 }]);
    expect(server.raft.hasReady()).toBe(false);
    expect(server.finishWrite()).toMatchObject([{ matchIndex: 6 }]);
    expect(server.status).toMatchObject({ firstIndex: 7, commit: 6, applied: 6 });
    expect(server.applied).toHaveLength(6);
  });

  test('enters the term of its sender, and tells an earlier one of its own', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 3));
    expect(server.status).toMatchObject({ term: 3, leader: 'b', lastIndex: 5 });
    work(server);
    server.raft.step(offer(7, 2));
    expect(work(server)).toMatchObject([{ kind: 'append-response', term: 3 }]);
    expect(server.status).toMatchObject({ leader: 'b', lastIndex: 5 });
  });

  test('does not apply a change again that the snapshot has', () => {
    const server = holding([1]);
    const data = encodeConfigurationChange(changeFrom('remove c'));
    const request = messageOf('b->a', [
      'append-request',
      'term=1',
      'previous=1/1',
      'entries=2/1:x',
      'commit=2',
    ]);
    if (request.kind !== 'append-request') throw new Error('no request');
    const entries = request.entries.map((entry) => ({ ...entry, kind: 'configuration' as const, data }));
    server.raft.step({ ...request, entries });
    const { raft, log } = server;
    const written = raft.ready();
    log.append({ entries: written.entries });
    raft.advance(written);
    expect(raft.ready().committedEntries).toHaveLength(1);
    raft.step(offer(5, 2, 'a c'));
    raft.applied(index(2));
    expect(configurationWords(raft.status().configuration)).toBe('a c');
  });

  test('may still finish applying what came before it', () => {
    const server = holding([1, 1]);
    const { raft } = server;
    raft.step(messageOf('b->a', ['heartbeat', 'term=1', 'commit=2']));
    const before = raft.ready();
    expect(before.committedEntries).toHaveLength(2);
    raft.step(offer(5, 2));
    raft.applied(index(1));
    expect(raft.status()).toMatchObject({ applied: 1, commit: 5 });
    raft.applied(index(2));
    expect(raft.status().applied).toBe(2);
  });

  test('does not campaign before it has applied it', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 2));
    const ready = server.raft.ready();
    for (let tick = 0; tick < 50; tick++) server.raft.tick();
    expect(server.status.role).toBe('follower');
    server.log.append({ entries: [], snapshot: snapshotOf(ready) });
    server.log.flush();
    server.raft.advance(ready);
    server.raft.applied(index(5));
    server.raft.campaign();
    expect(server.status.role).toBe('pre-candidate');
  });

  test('begins there after a crash, or where it was before when it was not durable', () => {
    const server = holding([1]);
    server.raft.step(offer(5, 2));
    server.take();
    server.crash(0);
    expect(server.status).toMatchObject({ firstIndex: 1, lastIndex: 1, applied: 0 });
    server.raft.step(offer(5, 2, 'a b'));
    server.take();
    server.crash(1);
    expect(server.status).toMatchObject({ firstIndex: 6, lastIndex: 5, commit: 5, applied: 5 });
    expect(configurationWords(server.configuration)).toBe('a b');
  });
});

describe('a compacted log', () => {
  test('is elected, replicated and read as a whole one', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    cluster.elect('a').raft.propose(['1', '2'].map(bytes));
    cluster.settle();
    cluster.tick('a');
    cluster.settle();
    for (const server of cluster.servers) server.compact();
    for (const server of cluster.servers) server.crash();
    const leader = cluster.elect('b');
    leader.raft.readIndex(1);
    leader.raft.propose([bytes('3')]);
    cluster.settle();
    for (const server of cluster.servers)
      expect(server.status).toMatchObject({ firstIndex: 4, lastIndex: 5 });
    expect(textsOf(leader)).toEqual(['', '1', '2', '', '3']);
    expect(leader.reads).toEqual([{ context: 1, index: 4 }]);
  });

  test('needs what it was compacted through to have been applied', () => {
    const { leader } = behind();
    const start = (applied?: number): Raft =>
      new Raft({
        id: nodeId('a'),
        log: new MemoryLog(leader.log.disk),
        hardState: leader.log.disk.hardState,
        configuration: configurationFrom('a b c'),
        electionTicks: 10,
        heartbeatTicks: 1,
        random: seededRandom(1),
        ...(applied !== undefined && { applied: index(applied) }),
      });
    expect(start().status()).toMatchObject({ applied: 6, commit: 6, firstIndex: 7 });
    expect(() => start(5)).toThrow('the log begins behind 6');
  });
});
