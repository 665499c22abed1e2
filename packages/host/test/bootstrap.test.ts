import { decodeMembersUpdate } from '@decoraft/protocol';
import { decodeConfigurationChange, nodeId } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { bootstrapLog, clusterIdOf } from '../src/index.js';
import { EmptyLog } from './empty-log.js';

const members = [
  { id: 'b', address: 'h:2' },
  { id: 'a', address: 'h:1' },
];

const changesIn = (log: EmptyLog) =>
  log.batches.flatMap(({ entries }) => entries.map(({ data }) => decodeConfigurationChange(data)));

describe('bootstrap', () => {
  it('writes the same entries on every node, whatever the order of the list: one for each member', async () => {
    const [one, two] = [new EmptyLog(), new EmptyLog()];
    await bootstrapLog(one, members);
    await bootstrapLog(two, members.toReversed());
    expect(one.batches).toEqual(two.batches);
    expect(one.batches[0]?.hardState).toEqual({ term: 1, vote: nodeId(''), commit: 2 });
    expect(changesIn(one).map(({ changes }) => changes)).toEqual([
      [{ kind: 'add-voter', id: 'a' }],
      [{ kind: 'add-voter', id: 'b' }],
    ]);
  });

  it('names the cluster and its members in the first entry', async () => {
    const log = new EmptyLog();
    await bootstrapLog(log, members);
    const [first] = changesIn(log);
    const update = decodeMembersUpdate(first?.context ?? new Uint8Array());
    expect(update.clusterId).toBe(clusterIdOf(members));
    expect(update.members.map(({ address, disk, id }) => [id, address, disk])).toEqual([
      ['a', 'h:1', 0],
      ['b', 'h:2', 0],
    ]);
  });

  it('does nothing on a log that has begun: the disk beats the file', async () => {
    const log = new EmptyLog();
    await bootstrapLog(log, members);
    await bootstrapLog(log, [{ id: 'x', address: 'h:9' }]);
    expect(log.batches).toHaveLength(1);
  });

  it.each([
    ['no members', [], 'at least one member'],
    ['an empty id', [{ id: '', address: 'h:1' }], 'empty id'],
    [
      'two members at one address',
      [
        { id: 'a', address: 'h:1' },
        { id: 'b', address: 'h:1' },
      ],
      'same address',
    ],
  ])('refuses %s', async (_, list, words) => {
    await expect(bootstrapLog(new EmptyLog(), list)).rejects.toThrow(words);
  });

  it('tells clusters of different members apart', () => {
    expect(clusterIdOf(members)).toBe(clusterIdOf(members.toReversed()));
    expect(clusterIdOf(members)).not.toBe(clusterIdOf([{ id: 'a', address: 'h:1' }]));
  });
});
