import { describe, expect, test } from 'vitest';
import {
  index,
  type Raft,
  type StorageAppend,
  type StorageApply,
  type StorageMessage,
} from '../src/index.js';
import { bytes, Cluster } from './support/cluster.js';
import { configurationWords } from './support/configuration-words.js';
import { messageOf } from './support/message-words.js';

const appendsOf = (storage: readonly StorageMessage[]): readonly StorageAppend[] =>
  storage.filter((message) => message.kind === 'storage-append');
const appliesOf = (storage: readonly StorageMessage[]): readonly StorageApply[] =>
  storage.filter((message) => message.kind === 'storage-apply');

function follower(): {
  readonly raft: Raft;
  readonly append: (...words: string[]) => readonly StorageMessage[];
} {
  const server = new Cluster(['a', 'b', 'c'], { asyncStorageWrites: true }).server('a');
  const append = (...words: string[]): readonly StorageMessage[] => {
    server.raft.step(messageOf('b->a', ['append-request', ...words]));
    const { storage } = server.raft.ready();
    for (const { entries } of appendsOf(storage)) server.log.append({ entries });
    return storage;
  };
  return { raft: server.raft, append };
}

describe('with asynchronous storage writes', () => {
  test('a ready gives its duties to the threads, and keeps none itself', () => {
    const { raft } = follower();
    raft.step(messageOf('b->a', ['append-request', 'term=1', 'entries=1/1:x', 'commit=0']));
    expect(raft.ready()).toMatchObject({
      entries: [],
      responses: [],
      committedEntries: [],
      storage: [
        {
          kind: 'storage-append',
          hardState: { term: 1 },
          entries: [{ index: 1 }],
          responses: [{ kind: 'append-response', matchIndex: 1 }],
          reply: { kind: 'storage-append-response' },
        },
      ],
    });
  });

  test('entries are handed out to be applied only when they are durable', () => {
    const { raft, append } = follower();
    const [written] = appendsOf(append('term=1', 'entries=1/1:x', 'commit=1'));
    expect(raft.hasReady()).toBe(false);
    if (written) raft.step(written.reply);
    const [apply] = appliesOf(raft.ready().storage);
    expect(apply).toMatchObject({ entries: [{ index: 1 }], reply: { index: 1 } });
    expect(raft.status().applied).toBe(0);
    if (apply) raft.step(apply.reply);
    expect(raft.status().applied).toBe(1);
  });

  test('an acknowledgement of entries that were replaced, even by equal ones, does not count (C15)', () => {
    const { raft, append } = follower();
    const [first] = appendsOf(append('term=1', 'entries=1/1:x,2/1:y', 'commit=0'));
    append('term=2', 'entries=1/2:z', 'commit=0');
    // The first leader is elected again, by a log that has what it wrote at first.
    const [third] = appendsOf(append('term=3', 'entries=1/1:x,2/1:y', 'commit=2'));
    if (first) raft.step(first.reply);
    expect(raft.ready().storage).toEqual([]);
    if (third) raft.step(third.reply);
    expect(appliesOf(raft.ready().storage)).toMatchObject([{ entries: [{ index: 1 }, { index: 2 }] }]);
  });

  test('a reply speaks for all writes before it, and a repeated one for none', () => {
    const { raft, append } = follower();
    append('term=1', 'entries=1/1:x', 'commit=0');
    const [second] = appendsOf(append('term=1', 'previous=1/1', 'entries=2/1:y', 'commit=2'));
    if (!second) throw new Error('nothing is written');
    raft.step(second.reply);
    raft.step(second.reply);
    expect(appliesOf(raft.ready().storage)).toMatchObject([{ reply: { index: 2 } }]);
    raft.step({ kind: 'storage-append-response', sequence: 999 });
    raft.step({ kind: 'storage-apply-response', index: index(2) });
    raft.step({ kind: 'storage-apply-response', index: index(1) });
    expect(raft.status().applied).toBe(2);
  });

  test('readies with nothing to write ask for no reply and keep nothing waiting', () => {
    const { raft, append } = follower();
    const [written] = appendsOf(append('term=1', 'entries=1/1:x', 'commit=0'));
    for (let beat = 0; beat < 3; beat++) {
      raft.step(messageOf('b->a', ['heartbeat', 'term=1', 'commit=1']));
      expect(raft.ready()).toMatchObject({ messages: [{ kind: 'heartbeat-response' }], storage: [] });
    }
    if (written) raft.step(written.reply);
    expect(appliesOf(raft.ready().storage)).toHaveLength(1);
  });

  test('a vote for oneself counts when it is durable', () => {
    const { raft } = new Cluster(['a'], { asyncStorageWrites: true }).server('a');
    raft.campaign();
    const [vote] = appendsOf(raft.ready().storage);
    expect(raft.status().role).toBe('candidate');
    if (vote) raft.step(vote.reply);
    expect(raft.status().role).toBe('leader');
  });

  test('a cluster elects, replicates, changes its members and installs snapshots', () => {
    const cluster = new Cluster(['a', 'b', 'c'], { asyncStorageWrites: true });
    const leader = cluster.elect('a');
    leader.raft.propose(['x', 'y', 'z'].map(bytes));
    cluster.settle(['c']);
    leader.compact();
    leader.raft.propose([bytes('w')]);
    cluster.tick('a');
    cluster.settle();
    const slow = cluster.server('c');
    expect(slow.status).toMatchObject({ firstIndex: 5, lastIndex: 5, applied: 5 });
    expect(slow.applied).toEqual(leader.applied);
    const change = { transition: 'auto', context: new Uint8Array(0) } as const;
    leader.raft.proposeConfigurationChange({ ...change, changes: [{ kind: 'remove', id: slow.id }] });
    cluster.settle();
    for (const { configuration } of cluster.servers) expect(configurationWords(configuration)).toBe('a b');
  });
});
