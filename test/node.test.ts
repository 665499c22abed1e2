import type { AppendBatch } from '@decoraft/raft';
import { connect, DecoraftError } from 'decoraft/client';
import {
  type DecoraftNode,
  memoryStorage,
  RaftService,
  RpcServer,
  startNode,
  type Storage,
} from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import '../examples/counter/src/generated/operations.js';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

async function start(machines: Parameters<typeof startNode>[0]['machines']): Promise<DecoraftNode> {
  return later(await startNode({ id: 'a', dataDir: ':memory:', peers: await freePeers(['a']), machines }));
}

describe('one node', () => {
  it('hosts several machines, and one class under several names', async () => {
    const node = await start({ visits: new Counter(), likes: new Counter(), users: new KeyValue() });
    const cluster = later(await connect([node.address]));
    await new CounterClient(cluster, 'visits').add(2);
    await new CounterClient(cluster, 'likes').add(3);
    await new KeyValueClient(cluster, 'users').set('k', 'v');
    expect(await new CounterClient(cluster, 'visits').current()).toBe(2);
    expect(await new CounterClient(cluster, 'likes').current()).toBe(3);
  });

  it('tells those who selected a key, and nobody else', async () => {
    const node = await start({ users: new KeyValue() });
    const users = new KeyValueClient(later(await connect([node.address])), 'users');
    const [heard, all]: [string[], string[]] = [[], []];
    await users.onKeyInserted('a', (value) => heard.push(value));
    await users.onInserted(({ key }) => all.push(key));
    for (const key of ['a', 'b', 'a', 'c']) await users.set(key, `${key}!`);
    await until('all events', () => all.length === 4);
    expect(heard).toEqual(['a!', 'a!']);
  });

  it('announces its role, its leader and its term, typed', async () => {
    const [address = ''] = Object.values(await freePeers(['a']));
    const server = later(new RpcServer({ address }));
    const raft = later(new RaftService({ server, storage: memoryStorage(), id: 'a' }));
    const heard: string[] = [];
    raft.on('roleChanged', ({ previous, role }) => heard.push(`${previous} → ${role}`));
    raft.on('leaderChanged', ({ leader }) => heard.push(`leader ${leader}`));
    raft.on('termChanged', ({ term }) => heard.push(`term ${term}`));
    await server.listen();
    await raft.bootstrap({ a: address });
    await until('it leads', () => raft.isLeader);
    expect(heard).toContain('term 2');
    expect(heard).toContain('leader a');
    expect(heard.some((words) => words.endsWith('→ leader'))).toBe(true);
  });

  it('is not bootstrapped without members: says what it was given', async () => {
    const server = later(new RpcServer({ address: '127.0.0.1:0' }));
    const raft = later(new RaftService({ server, storage: memoryStorage(), id: 'a' }));
    for (const none of [undefined, null, 5]) {
      const words = `InvalidArgument: bootstrap needs the addresses of the members by id, not ${String(none)}`;
      await expect(raft.bootstrap(none as never)).rejects.toThrow(words);
    }
  });

  it('goes on when a listener throws: the error surfaces as an uncaught one', async () => {
    const uncaught: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      const [address = ''] = Object.values(await freePeers(['a']));
      const server = later(new RpcServer({ address }));
      const raft = later(new RaftService({ server, storage: memoryStorage(), id: 'a' }));
      const mine = new Error('of a listener');
      raft.on('roleChanged', () => {
        throw mine;
      });
      await server.listen();
      await raft.bootstrap({ a: address });
      await until('it leads', () => raft.isLeader);
      await raft.close();
      expect(uncaught.length).toBeGreaterThan(1);
      expect(new Set(uncaught)).toEqual(new Set([mine]));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    }
  });
});

describe('a node whose disk fails', () => {
  /** A log that works until it is told not to. */
  class FailingStorage implements Storage {
    isBroken = false;

    async open(options: Parameters<Storage['open']>[0]): ReturnType<Storage['open']> {
      const log = await memoryStorage().open(options);
      const append = (batch: AppendBatch): Promise<void> =>
        this.isBroken ? Promise.reject(new DecoraftError('DiskFailed', 'fdatasync: EIO')) : log.append(batch);
      return new Proxy(log, {
        get: (target, key) => {
          if (key === 'append') return append;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    }
  }

  it('stops, says so once, and acknowledges nothing', async () => {
    const [address = ''] = Object.values(await freePeers(['a']));
    const storage = new FailingStorage();
    const server = later(new RpcServer({ address }));
    const raft = later(new RaftService({ server, storage, id: 'a', logger: { log: () => undefined } }));
    raft.register('visits', new Counter());
    const failures: unknown[] = [];
    raft.on('failed', (error) => failures.push(error));
    await server.listen();
    await raft.bootstrap({ a: address });
    const visits = new CounterClient(later(await connect([address])), 'visits');
    expect(await visits.add(1)).toBe(1);
    storage.isBroken = true;
    const code = await visits
      .with({ timeoutMs: 1_000 })
      .add(1)
      .then(
        () => 'acknowledged',
        (error: unknown) => DecoraftError.from(error).code,
      );
    expect(code).not.toBe('acknowledged');
    expect(failures).toHaveLength(1);
    expect(raft.isLeader).toBe(false);
  });
});
