import { CodedError, InvariantViolation } from '@decoraft/base';
import { describe, expect, test } from 'vitest';
import { type AppendRequest, index, type Message } from '../src/index.js';
import { bytes, Cluster, textOf, to } from './support/cluster.js';
import { messageOf } from './support/message-words.js';
import type { Server } from './support/server.js';

const appendsOf = (messages: readonly Message[]): readonly AppendRequest[] =>
  messages.filter((message) => message.kind === 'append-request');

const logOf = ({ log }: Server): readonly string[] => log.shown.map(({ data }) => textOf(data));

function elected(
  options = {},
  names = ['a', 'b', 'c'],
): { readonly cluster: Cluster; readonly leader: Server } {
  const cluster = new Cluster(names, options);
  return { cluster, leader: cluster.elect('a') };
}

describe('a leader (§5.3)', () => {
  test('opens its term with an empty entry', () => {
    const { leader } = elected();
    expect(leader.log.shown).toEqual([{ term: 1, index: 1, kind: 'normal', data: new Uint8Array(0) }]);
  });

  test('tells where a batch stands, and appends it in its order', () => {
    const { leader } = elected();
    expect(leader.raft.propose(['x', 'y', 'z'].map(bytes))).toEqual({ ok: true, term: 1, firstIndex: 2 });
    expect(leader.raft.propose([bytes('w')])).toEqual({ ok: true, term: 1, firstIndex: 5 });
    expect(leader.take().entries.map(({ data, index: at }) => `${at}:${textOf(data)}`)).toEqual([
      '2:x',
      '3:y',
      '4:z',
      '5:w',
    ]);
  });

  test('sends all proposals of one turn as one request to each peer', () => {
    const { leader } = elected({}, ['a', 'b', 'c', 'd', 'e']);
    for (const one of ['x', 'y', 'z']) leader.raft.propose([bytes(one)]);
    const { entries, messages } = leader.take();
    expect(messages).toHaveLength(4);
    for (const request of appendsOf(messages)) expect(request.entries).toEqual(entries);
  });

  test('sends before its own write is durable, and streams on without waiting for answers', () => {
    const { leader } = elected();
    for (const [at, one] of ['x', 'y', 'z'].entries()) {
      leader.raft.propose([bytes(one)]);
      const requests = appendsOf(leader.take().messages);
      expect(requests.map(({ previousIndex }) => previousIndex)).toEqual([at + 1, at + 1]);
    }
    expect(leader.writing).toHaveLength(3);
  });

  test('splits what is too large for one request, but never an entry', () => {
    const { leader } = elected({ maxMessageBytes: 4 });
    leader.raft.propose(['aa', 'bb', 'cc', 'toolong', 'd'].map(bytes));
    const sizes = appendsOf(leader.take().messages)
      .filter(to('b'))
      .map(({ entries }) => entries.length);
    expect(sizes).toEqual([2, 1, 1, 1]);
  });

  test('stops at the window of a peer that does not answer; the others go on', () => {
    const { cluster, leader } = elected({ maxInflightMessages: 2 });
    for (let round = 0; round < 5; round++) {
      leader.raft.propose([bytes(`p${round}`)]);
      cluster.settle(['c']);
    }
    expect(cluster.server('b').status.commit).toBe(6);
    const c = leader.status.progress.find(({ id }) => id === 'c');
    expect(c).toMatchObject({ match: 1, next: 4 });
    leader.raft.tick();
    cluster.settle();
    expect(logOf(cluster.server('c'))).toEqual(logOf(leader));
  });

  test('refuses an empty batch, wherever it comes from', () => {
    const { cluster, leader } = elected();
    for (const { raft } of [leader, cluster.server('b')]) expect(() => raft.propose([])).toThrow(CodedError);
  });

  test('is the only one to append', () => {
    const { cluster } = elected();
    expect(cluster.server('b').raft.propose([bytes('x')])).toEqual({ ok: false, reason: 'NotLeader' });
  });

  test('is not told what was never sent: such an acknowledgement is nothing', () => {
    const { leader } = elected();
    leader.raft.step(messageOf('b->a', ['append-response', 'term=1', 'match=9']));
    leader.raft.step(messageOf('c->a', ['append-response', 'term=1', 'match=9']));
    expect(leader.status.commit).toBe(1);
  });

  test('forgets what it knew of its peers when it leads no more: late answers commit nothing', () => {
    const { leader } = elected({ checkQuorum: false });
    leader.raft.propose([bytes('x')]);
    leader.take();
    leader.finishWrite();
    leader.raft.step(messageOf('c->a', ['heartbeat', 'term=2']));
    expect(leader.status.progress).toEqual([]);
    leader.raft.step(messageOf('b->a', ['append-response', 'term=2', 'match=2']));
    expect(leader.status.commit).toBe(1);
  });

  test('does not follow another of the same term', () => {
    const { leader } = elected();
    leader.raft.step(messageOf('b->a', ['append-request', 'term=1', 'entries=1/1:y', 'commit=1']));
    expect(leader.status).toMatchObject({ role: 'leader', lastIndex: 1 });
    expect(logOf(leader)).toEqual(['']);
  });
});

describe('a follower (§5.3)', () => {
  test('says where to look when the logs do not match: the last of its terms that may (C20)', () => {
    const { cluster } = elected();
    const b = cluster.server('b');
    b.raft.step(messageOf('a->b', ['append-request', 'term=1', 'previous=1/1', 'entries=2/1:x,3/1:y']));
    b.raft.step(messageOf('a->b', ['append-request', 'term=2', 'previous=9/1', 'entries=10/2:z']));
    expect(b.take().responses.at(-1)).toMatchObject({ rejectedIndex: 9, hintIndex: 3, hintTerm: 1 });
  });

  test('takes no entries with a gap', () => {
    const { cluster } = elected();
    const b = cluster.server('b');
    b.raft.step(messageOf('a->b', ['append-request', 'term=1', 'previous=1/1', 'entries=3/1:x']));
    expect(b.raft.hasReady()).toBe(false);
  });

  test('never replaces what is committed: whatever begins before that is an old request (C13)', () => {
    const { cluster, leader } = elected();
    leader.raft.propose(['x', 'y'].map(bytes));
    cluster.settle();
    const b = cluster.server('b');
    b.raft.step(messageOf('c->b', ['append-request', 'term=2', 'previous=1/1', 'entries=2/2:z', 'commit=2']));
    expect(b.take().responses).toMatchObject([{ rejected: false, matchIndex: 3 }]);
    expect(logOf(b)).toEqual(['', 'x', 'y']);
  });

  test('stops when it is told a commit index beyond its log: it lost what it had acknowledged', () => {
    const { cluster } = elected();
    expect(() =>
      cluster.server('b').raft.step(messageOf('a->b', ['heartbeat', 'term=1', 'commit=9'])),
    ).toThrow(InvariantViolation);
  });

  test('answers when its write is durable, not before', () => {
    const { cluster, leader } = elected();
    leader.raft.propose([bytes('x')]);
    const [request] = appendsOf(leader.take().messages).filter(to('b'));
    const b = cluster.server('b');
    if (request) b.raft.step(request);
    const { messages, responses } = b.take();
    expect(messages).toEqual([]);
    expect(responses).toMatchObject([{ kind: 'append-response', matchIndex: 2 }]);
  });
});

describe('commitment (§5.3, §5.4)', () => {
  test.each([
    [3, ['b'], true],
    [3, [], false],
    [5, ['b'], false],
    [5, ['b', 'c'], true],
    [4, ['b'], false],
    [4, ['b', 'c'], true],
  ])('of %i servers, the leader and %j have it: committed is %s (C14)', (size, having, expected) => {
    const names = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
    const { cluster, leader } = elected({}, names);
    leader.raft.propose([bytes('x')]);
    cluster.settle(names.filter((name) => name !== 'a' && !having.includes(name)));
    expect(leader.status.commit).toBe(expected ? 2 : 1);
  });

  test('a majority without the leader is enough; but the leader counts itself only after its own write (C17)', () => {
    const { cluster, leader } = elected();
    leader.raft.propose([bytes('x')]);
    cluster.inFlight.push(...leader.take().messages);
    cluster.deliver(to('b'));
    cluster.work('b');
    cluster.deliver(to('a'));
    expect(leader.status.commit).toBe(1);
    cluster.deliver(to('c'));
    cluster.work('c');
    cluster.deliver(to('a'));
    expect(leader.status.commit).toBe(2);
    expect(leader.take().committedEntries).toEqual([]);
    leader.finishWrite();
    expect(leader.take().committedEntries.map(({ index: at }) => at)).toEqual([2]);
  });

  test('is told to the others at once, without waiting for a heartbeat', () => {
    const { cluster, leader } = elected();
    leader.raft.propose([bytes('x')]);
    cluster.settle();
    for (const { status } of cluster.servers) expect(status).toMatchObject({ commit: 2, applied: 2 });
  });

  test('goes with the next entries where there are some', () => {
    const { cluster, leader } = elected();
    leader.raft.propose([bytes('x')]);
    cluster.work('a');
    cluster.deliver(to('b'));
    cluster.work('b');
    cluster.deliver(to('a'));
    leader.raft.propose([bytes('y')]);
    const requests = appendsOf(leader.take().messages);
    expect(requests.map((one) => [one.entries.length, one.commit])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('takes the entries of earlier terms along, all at once (§5.4.2, C11)', () => {
    const { cluster, leader } = elected({ checkQuorum: false });
    leader.raft.propose([bytes('x')]);
    cluster.work('a');
    cluster.deliver(to('b'));
    cluster.drop();
    cluster.work('b');
    cluster.drop();
    const b = cluster.server('b');
    b.raft.campaign();
    cluster.settle(['a']);
    expect(b.status).toMatchObject({ role: 'leader', term: 2, commit: 3 });
    expect(b.applied.map(({ data }) => textOf(data))).toEqual(['', 'x', '']);
  });
});

describe('the way of many proposals', () => {
  test('everybody applies the same, in order, whatever the batches', () => {
    const { cluster, leader } = elected({
      maxMessageBytes: 16,
      maxInflightMessages: 3,
      maxCommittedBytes: 8,
    });
    const all: string[] = [''];
    for (let round = 0; round < 100; round++) {
      const batch = Array.from({ length: 1 + (round % 7) }, (_, at) => `${round}.${at}`);
      all.push(...batch);
      expect(leader.raft.propose(batch.map(bytes)).ok).toBe(true);
      if (round % 3 === 0) cluster.settle();
    }
    cluster.settle();
    for (const { applied } of cluster.servers) expect(applied.map(({ data }) => textOf(data))).toEqual(all);
    expect(leader.status.applied).toBe(index(all.length));
  });
});
