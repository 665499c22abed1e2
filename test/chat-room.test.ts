/** The machine of `examples/chat`, on one node: what the pages of `test/chat.test.ts` rely on. */
import { type Cluster, connect } from 'decoraft/client';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChatRoom } from '../examples/chat/src/chat-room.machine.js';
import { ChatRoomClient } from '../examples/chat/src/generated/chat-room.client.js';
import '../examples/chat/src/generated/operations.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

let node: DecoraftNode;
let clusters: Cluster[];

beforeEach(async () => {
  clusters = [];
  node = await startNode({
    id: 'a',
    dataDir: ':memory:',
    peers: await freePeers(['a']),
    machines: { chat: new ChatRoom() },
    logger: { log: () => undefined },
  });
});

afterEach(async () => {
  for (const cluster of clusters) await cluster.close();
  await node.close();
});

/** One who is not in any room yet. */
async function person(): Promise<{ readonly chat: ChatRoomClient; readonly cluster: Cluster }> {
  const cluster = await connect([node.address]);
  clusters.push(cluster);
  return { cluster, chat: new ChatRoomClient(cluster, 'chat').with({ timeoutMs: 60_000 }) };
}

describe('a chat room', () => {
  it('gives its history by pages, the oldest of a page first', async () => {
    const { chat } = await person();
    await chat.join('lobby', 'Ada');
    for (let number = 1; number <= 7; number++) expect(await chat.say('lobby', `${number}`)).toBe(number);
    const ids = async (count: number, before?: number): Promise<readonly number[]> =>
      (await chat.history('lobby', count, before)).map(({ id }) => id);
    expect(await ids(3)).toEqual([5, 6, 7]);
    expect(await ids(3, 5)).toEqual([2, 3, 4]);
    expect(await ids(3, 2)).toEqual([1]);
    expect(await ids(3, 1)).toEqual([]);
    expect(await chat.history('elsewhere', 3)).toEqual([]);
    expect(await chat.history('lobby', 1)).toMatchObject([{ id: 7, author: 'Ada', text: '7' }]);
    expect(await chat.rooms()).toEqual(['lobby']);
  });

  it('says who is there: who leaves, and whose session ends, is gone', async () => {
    const [ada, bob, eve] = [await person(), await person(), await person()];
    const told: (readonly string[])[] = [];
    await ada.chat.onPresence('lobby', (names) => told.push(names));
    await ada.chat.join('lobby', 'Ada');
    await bob.chat.join('lobby', 'Bob');
    expect(await eve.chat.join('lobby', 'Eve')).toEqual(['Ada', 'Bob', 'Eve']);
    expect(await bob.chat.leave('lobby')).toBe(true);
    expect(await bob.chat.leave('lobby')).toBe(false);
    await eve.cluster.close();
    await until('she has heard', () => told.length === 5);
    expect(told).toEqual([['Ada'], ['Ada', 'Bob'], ['Ada', 'Bob', 'Eve'], ['Ada', 'Eve'], ['Ada']]);
    expect(await ada.chat.present('lobby')).toEqual(['Ada']);
  });

  it('takes words only from who has joined, and neither none nor too many', async () => {
    const { chat } = await person();
    await expect(chat.say('lobby', 'hello')).rejects.toThrow('CommandRejected: join lobby');
    await chat.join('lobby', 'Ada');
    for (const text of ['', '  ', 'x'.repeat(2_001)]) {
      await expect(chat.say('lobby', text)).rejects.toThrow(
        'CommandRejected: a text has 1 to 2000 characters',
      );
    }
    await expect(chat.join('lobby', '')).rejects.toThrow('CommandRejected: a name has 1 to 40 characters');
    expect(await chat.history('lobby', 10)).toEqual([]);
  });
});
