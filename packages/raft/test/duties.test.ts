import { InvariantViolation, seededRandom } from '@decoraft/base';
import { describe, expect, test } from 'vitest';
import { configurationOf, index, NOBODY, nodeId, Raft, type RaftOptions, term } from '../src/index.js';
import { bytes, Cluster, to } from './support/cluster.js';
import { EMPTY_DISK, MemoryLog } from './support/memory-log.js';
import { messageOf } from './support/message-words.js';

describe('a ready', () => {
  test('is not offered while there is nothing to do', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    for (const { raft } of cluster.servers) expect(raft.hasReady()).toBe(false);
    cluster.elect('a');
    for (const { raft } of cluster.servers) expect(raft.hasReady()).toBe(false);
  });

  test('gives everything once', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const { raft } = cluster.elect('a');
    raft.propose([bytes('x')]);
    raft.ready();
    expect(raft.hasReady()).toBe(false);
    expect(raft.ready()).toEqual({
      entries: [],
      messages: [],
      responses: [],
      committedEntries: [],
      readStates: [],
      storage: [],
    });
  });

  test('is advanced in its turn', () => {
    const { raft } = new Cluster(['a', 'b', 'c']).elect('a');
    raft.propose([bytes('x')]);
    raft.ready();
    raft.propose([bytes('y')]);
    const second = raft.ready();
    expect(() => raft.advance(second)).toThrow(InvariantViolation);
  });

  test('is advanced once', () => {
    const { raft } = new Cluster(['a', 'b', 'c']).server('a');
    const ready = raft.ready();
    raft.advance(ready);
    expect(() => raft.advance(ready)).toThrow(InvariantViolation);
  });

  test('keeps its lists when the core goes on', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const { raft } = cluster.elect('a');
    raft.propose([bytes('x')]);
    const ready = raft.ready();
    const copy = structuredClone(ready);
    raft.propose([bytes('y')]);
    raft.step(messageOf('b->a', ['append-request', 'term=2', 'previous=1/1', 'entries=2/2:z', 'commit=2']));
    raft.ready();
    expect(ready).toEqual(copy);
  });

  test('has a hard state where term or vote changed, or entries are written; a commit index alone writes nothing', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const leader = cluster.elect('a');
    leader.raft.propose([bytes('x')]);
    expect(leader.take().hardState).toEqual({ term: 1, vote: 'a', commit: 1 });
    leader.finishWrite();
    leader.raft.step(messageOf('b->a', ['append-response', 'term=1', 'match=2']));
    const committing = leader.take();
    expect(committing.committedEntries).toHaveLength(1);
    expect(committing.hardState).toBeUndefined();
    leader.raft.propose([bytes('y')]);
    expect(leader.take().hardState).toEqual({ term: 1, vote: 'a', commit: 2 });
    leader.raft.propose([bytes('z')]);
    expect(leader.take().hardState).toBeUndefined();
  });

  test('tells role and leader when they change', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const b = cluster.server('b');
    b.raft.step(messageOf('a->b', ['heartbeat', 'term=1']));
    expect(b.take().softState).toEqual({ role: 'follower', leader: 'a' });
    b.raft.step(messageOf('a->b', ['heartbeat', 'term=1']));
    expect(b.take().softState).toBeUndefined();
  });

  test('a new term travels with the vote in it, as one hard state (C1)', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const b = cluster.server('b');
    b.raft.step(messageOf('a->b', ['vote-request', 'term=4', 'last=0/0']));
    const { hardState, messages, responses } = b.take();
    expect(hardState).toEqual({ term: 4, vote: 'a', commit: 0 });
    expect(messages).toEqual([]);
    expect(responses).toMatchObject([{ kind: 'vote-response', granted: true }]);
  });

  test('a vote and entries keep their order: answers speak for all that was written before (C16)', () => {
    const cluster = new Cluster(['a', 'b', 'c']);
    const b = cluster.server('b');
    const request = ['append-request', 'term=1', 'entries=1/1:x'];
    b.raft.step(messageOf('a->b', request));
    b.take();
    // The same again has nothing to write; its answer waits in its own ready, behind the write.
    b.raft.step(messageOf('a->b', request));
    const repeated = b.take();
    expect(repeated.entries).toEqual([]);
    expect(repeated.responses).toMatchObject([{ matchIndex: 1 }]);
    expect(() => b.raft.advance(repeated)).toThrow(InvariantViolation);
  });
});

describe('limits', () => {
  const big = (size: number): Uint8Array => new Uint8Array(size);

  test('of uncommitted bytes: a proposal beyond is refused, and taken when those before are committed', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { maxUncommittedBytes: 100 });
    const { raft } = cluster.elect('a');
    expect(raft.propose([big(60)]).ok).toBe(true);
    expect(raft.propose([big(30), big(20)])).toEqual({ ok: false, reason: 'Overloaded' });
    expect(raft.propose([big(40)]).ok).toBe(true);
    expect(raft.propose([big(1)])).toEqual({ ok: false, reason: 'Overloaded' });
    expect(raft.propose([big(0)]).ok).toBe(true);
    cluster.settle();
    expect(raft.propose([big(100)]).ok).toBe(true);
  });

  test('of uncommitted bytes: while none waits, one of any size is taken', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { maxUncommittedBytes: 100 });
    const { raft } = cluster.elect('a');
    expect(raft.propose([big(1000)]).ok).toBe(true);
    expect(raft.propose([big(1)])).toEqual({ ok: false, reason: 'Overloaded' });
  });

  test('of uncommitted bytes: a new leadership begins at zero, and old entries do not count against it (C18)', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { maxUncommittedBytes: 100, checkQuorum: false });
    const a = cluster.elect('a');
    a.raft.propose([big(90)]);
    // Nobody hears of it; then b leads, and a again, with the entry of its first term still uncommitted.
    cluster.work('a');
    cluster.drop();
    a.raft.step(messageOf('b->a', ['heartbeat', 'term=2']));
    cluster.settle(['b', 'c']);
    a.raft.campaign();
    cluster.settle();
    expect(a.status).toMatchObject({ role: 'leader', commit: 3 });
    // What was committed of the old term must not have made room twice.
    expect(a.raft.propose([big(60)]).ok).toBe(true);
    expect(a.raft.propose([big(60)])).toEqual({ ok: false, reason: 'Overloaded' });
    cluster.settle();
    expect(a.raft.propose([big(60)]).ok).toBe(true);
    expect(a.raft.propose([big(60)])).toEqual({ ok: false, reason: 'Overloaded' });
  });

  test('of uncommitted bytes: what a lost leadership left behind does not count against the next (C18)', () => {
    const cluster = new Cluster(['a', 'b', 'c'], {
      maxUncommittedBytes: 100,
      checkQuorum: false,
      preVote: false,
    });
    const a = cluster.elect('a');
    a.raft.propose([big(90)]);
    a.raft.step(messageOf('b->a', ['heartbeat', 'term=2']));
    a.raft.campaign();
    cluster.work('a');
    cluster.drop();
    a.raft.step(messageOf('b->a', ['vote-response', 'term=3', 'granted']));
    expect(a.status).toMatchObject({ role: 'leader', commit: 1, lastIndex: 3 });
    expect(a.raft.propose([big(60)]).ok).toBe(true);
    expect(a.raft.propose([big(60)])).toEqual({ ok: false, reason: 'Overloaded' });
  });

  test('of uncommitted bytes: they are free when they are committed, not when the peers have them', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { maxUncommittedBytes: 10 });
    const leader = cluster.elect('a');
    leader.raft.propose([big(10)]);
    cluster.inFlight.push(...leader.take().messages);
    cluster.deliver(to('b'));
    cluster.work('b');
    cluster.deliver(to('a'));
    expect(leader.raft.propose([big(1)])).toEqual({ ok: false, reason: 'Overloaded' });
    leader.finishWrite();
    expect(leader.raft.propose([big(1)]).ok).toBe(true);
  });

  test('of committed bytes: the rest waits for what is applied', () => {
    const cluster = new Cluster(['a'], { maxCommittedBytes: 10 });
    const { log, raft } = cluster.elect('a');
    raft.propose(Array.from({ length: 5 }, () => big(5)));
    const ready = raft.ready();
    log.append({ entries: ready.entries });
    raft.advance(ready);
    const indexes = (): readonly number[] => raft.ready().committedEntries.map(({ index: at }) => at);
    expect(indexes()).toEqual([2, 3]);
    expect(raft.hasReady()).toBe(false);
    raft.applied(index(3));
    expect(raft.hasReady()).toBe(true);
    expect(indexes()).toEqual([4, 5]);
  });
});

describe('options', () => {
  const log = new MemoryLog(EMPTY_DISK);
  const valid: RaftOptions = {
    id: nodeId('a'),
    log,
    hardState: EMPTY_DISK.hardState,
    configuration: configurationOf({ voters: [nodeId('a')] }),
    electionTicks: 10,
    heartbeatTicks: 1,
    random: seededRandom(1),
  };

  test.each<[string, Partial<RaftOptions>]>([
    ['id', { id: NOBODY }],
    ['voters', { configuration: configurationOf({ voters: [nodeId('a'), nodeId('a')] }) }],
    ['voters', { configuration: configurationOf({ voters: [NOBODY] }) }],
    ['electionTicks', { electionTicks: 1 }],
    ['electionTicks', { electionTicks: 2.5 }],
    ['heartbeatTicks', { heartbeatTicks: 0 }],
    ['maxMessageBytes', { maxMessageBytes: 0 }],
    ['maxInflightMessages', { maxInflightMessages: -1 }],
    ['maxCommittedBytes', { maxCommittedBytes: Number.NaN }],
  ])('name what is wrong: %s in %j', (name, wrong) => {
    expect(() => new Raft({ ...valid, ...wrong })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(name) as string }),
    );
  });

  test('what was applied was committed, whatever the disk remembers of that', () => {
    const entries = [1, 2, 3].map((at) => ({
      term: term(1),
      index: index(at),
      kind: 'normal' as const,
      data: bytes('x'),
    }));
    const disk = new MemoryLog({ entries, hardState: { term: term(1), vote: NOBODY, commit: index(1) } });
    const raft = new Raft({ ...valid, log: disk, hardState: disk.disk.hardState, applied: index(2) });
    expect(raft.status()).toMatchObject({ commit: 2, applied: 2, lastIndex: 3 });
    expect(raft.ready().committedEntries).toEqual([]);
  });

  test('a configuration entry is replicated and handed out like any other', () => {
    const first = { term: term(1), index: index(1), kind: 'configuration' as const, data: bytes('a') };
    const disk = new MemoryLog({
      entries: [first],
      hardState: { term: term(1), vote: NOBODY, commit: index(1) },
    });
    const raft = new Raft({ ...valid, log: disk, hardState: disk.disk.hardState });
    expect(raft.ready().committedEntries).toEqual([first]);
  });
});
