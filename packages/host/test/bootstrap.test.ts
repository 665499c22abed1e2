import { nodeId } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { bootstrapLog, readConfiguration } from '../src/index.js';
import { EmptyLog } from './empty-log.js';

const members = [
  { id: 'b', address: 'h:2' },
  { id: 'a', address: 'h:1' },
];

describe('bootstrap', () => {
  it('writes the same first entry on every node, whatever the order of the list', async () => {
    const [one, two] = [new EmptyLog(), new EmptyLog()];
    await bootstrapLog(one, members);
    await bootstrapLog(two, members.toReversed());
    expect(one.batches).toEqual(two.batches);
    expect(one.batches[0]?.hardState).toEqual({ term: 1, vote: nodeId(''), commit: 1 });
    expect(readConfiguration(one)?.members.map(({ id }) => id)).toEqual(['a', 'b']);
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

  it('of two different clusters is told apart', async () => {
    const [one, two] = [new EmptyLog(), new EmptyLog()];
    await bootstrapLog(one, members);
    await bootstrapLog(two, [{ id: 'a', address: 'h:1' }]);
    expect(readConfiguration(one)?.cluster).not.toBe(readConfiguration(two)?.cluster);
  });

  it('has not happened on an empty log', () => {
    expect(readConfiguration(new EmptyLog())).toBeUndefined();
  });
});
