import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, connect } from 'decoraft/client';
import { type DecoraftNode, inspectNode, type NodeOptions, startNode, takeBackup } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import '../examples/counter/src/generated/operations.js';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { closeAll, later } from './support/later.js';

const IDS = ['a', 'b', 'c'];
let directory: string;
let peers: Readonly<Record<string, string>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'decoraft-groups-'));
  peers = await freePeers(IDS);
});

afterEach(async () => {
  await closeAll();
  await rm(directory, { recursive: true, force: true });
});

const orders = () => ({ machines: { stock: new Counter(), customers: new KeyValue() } });

async function start(id: string, options: Partial<NodeOptions> = {}): Promise<DecoraftNode> {
  return later(
    await startNode({
      id,
      dataDir: join(directory, id),
      peers,
      machines: { visits: new Counter(), users: new KeyValue() },
      groups: { orders: orders() },
      onFatal: (error) => {
        throw error;
      },
      ...options,
    }),
  );
}

async function startAll(): Promise<Readonly<Record<'a' | 'b' | 'c', DecoraftNode>>> {
  const [a, b, c] = await Promise.all(IDS.map((id) => start(id)));
  if (!a || !b || !c) throw new Error('three nodes were to start');
  return { a, b, c };
}

async function toCluster(): Promise<Cluster> {
  return later(await connect(Object.values(peers)));
}

describe('several Raft groups on one port', () => {
  it('have machines, sessions and logs of their own, and a client that reaches both over one connection', async () => {
    await startAll();
    const main = await toCluster();
    const other = main.group('orders');
    expect(main.group('orders')).toBe(other);
    expect(main.group('main')).toBe(main);
    await new CounterClient(main, 'visits').add(1);
    await new KeyValueClient(main, 'users').set('k', 'of main');
    await new CounterClient(other, 'stock').add(7);
    await new KeyValueClient(other, 'customers').set('k', 'of orders');
    expect(await new CounterClient(other, 'stock').current()).toBe(7);
    expect(await new KeyValueClient(other, 'customers').get('k')).toBe('of orders');
    expect(await new KeyValueClient(main, 'users').get('k')).toBe('of main');
    await expect(new CounterClient(main, 'stock').current()).rejects.toMatchObject({ code: 'NotFound' });
    await expect(new CounterClient(other, 'visits').current()).rejects.toMatchObject({ code: 'NotFound' });

    await other.close();
    expect(await new CounterClient(main, 'visits').add(1)).toBe(2);
    const again = main.group('orders');
    expect(await new CounterClient(again, 'stock').add(1)).toBe(8);
    await main.close();
    await expect(new CounterClient(again, 'stock').add(1)).rejects.toMatchObject({ code: 'Cancelled' });
    expect(() => main.group('users')).toThrow(/closed/);
  });

  it('keep a directory each, which operators look into and back up as that of any node', async () => {
    const nodes = await startAll();
    const alone = later(await connect(Object.values(peers), { group: 'orders' }));
    await new CounterClient(alone, 'stock').add(5);
    const file = join(directory, 'orders.backup');
    await takeBackup({ from: [nodes.a.address], group: 'orders', to: file });
    for (const node of Object.values(nodes)) await node.close();
    expect(await readdir(join(directory, 'a', 'groups'))).toEqual(['orders']);
    for (const path of [join(directory, 'a'), join(directory, 'a', 'groups', 'orders')]) {
      const inspection = await inspectNode(path);
      expect(inspection).toMatchObject({
        kind: 'inspected',
        cluster: { members: expect.anything() as unknown },
      });
    }
    await startAll();
    expect(await new CounterClient(alone, 'stock').current()).toBe(5);
  });

  it('that no node has are told of by the node that was asked', async () => {
    await startAll();
    const nobody = new CounterClient((await toCluster()).group('nobody'), 'stock', { timeoutMs: 300 });
    await expect(nobody.current()).rejects.toThrow('does not host the group');
  });

  it('have files as large as the node, or the group, says, which may change between two starts', async () => {
    const sizesOf = async (path: string): Promise<readonly number[]> => {
      const names = await readdir(path);
      const segments = names
        .filter((name) => name.endsWith('.segment'))
        .map((name) => stat(join(path, name)));
      return (await Promise.all(segments)).map(({ size }) => size);
    };
    const own = join(directory, 'a');
    const begin = (segmentBytes: number): Promise<DecoraftNode> => {
      const groups = { orders: orders(), returns: { ...orders(), segmentBytes: 8_192 } };
      return start('a', { peers: { a: peers['a'] ?? '' }, segmentBytes, groups });
    };
    const node = await begin(65_536);
    const client = await toCluster();
    for (const name of ['orders', 'returns']) await new CounterClient(client.group(name), 'stock').add(1);
    expect(new Set(await sizesOf(own))).toEqual(new Set([65_536]));
    expect(new Set(await sizesOf(join(own, 'groups', 'orders')))).toEqual(new Set([65_536]));
    expect(new Set(await sizesOf(join(own, 'groups', 'returns')))).toEqual(new Set([8_192]));
    await node.close();
    await begin(16_384);
    for (const name of ['orders', 'returns']) {
      expect(await new CounterClient(client.group(name), 'stock').add(1)).toBe(2);
    }
  });

  it('that are stopped while they start or join end at once, and let go of their directory and their name', async () => {
    const { a, b } = await startAll();
    const brief = { machines: { stock: new Counter() }, peers: { a: peers['a'] ?? '' } };
    const starting = a.startGroup('brief', brief).then(() => 'started', String);
    await a.stopGroup('brief');
    expect(await starting).toContain('Cancelled: node a of group brief was closed while it started');
    await a.startGroup('brief', { ...brief, machines: { stock: new Counter() } });

    for (const _ of ['once', 'and again']) {
      const entering = a.joinGroup('nowhere', [b.address], { machines: { stock: new Counter() } });
      const joining = entering.then(() => 'joined', String);
      await until('it is at it', () => a.groups.get('nowhere')?.log !== undefined);
      await a.stopGroup('nowhere');
      expect(await joining).toContain('Cancelled');
    }
    const last = a.joinGroup('nowhere', [b.address], { machines: { stock: new Counter() } });
    const joining = last.then(() => 'joined', String);
    await a.close();
    expect(await joining).toContain('Cancelled');
    expect([...a.groups.keys()]).not.toContain('nowhere');
  });

  it('come, are joined and go at run time, and the others do not notice', async () => {
    const { a, b, c } = await startAll();
    const main = await toCluster();
    const users = { machines: { users: new KeyValue() } };
    const two = { a: peers['a'] ?? '', b: peers['b'] ?? '' };
    await Promise.all([
      a.startGroup('sessions', { ...users, peers: two }),
      b.startGroup('sessions', { machines: { users: new KeyValue() }, peers: two }),
    ]);
    const sessions = new KeyValueClient(main.group('sessions'), 'users');
    await sessions.set('k', 'v');
    await c.joinGroup('sessions', [b.address], { machines: { users: new KeyValue() } });
    await until('the third is a voter', () =>
      [a, b, c].every((node) => node.groups.get('sessions')?.members.every(({ role }) => role === 'voter')),
    );
    expect([...a.groups.keys()].toSorted()).toEqual(['main', 'orders', 'sessions']);

    await a.stopGroup('sessions');
    expect(a.groups.has('sessions')).toBe(false);
    await sessions.set('k', 'without a');
    await a.startGroup('sessions', { machines: { users: new KeyValue() }, peers: two });
    await until(
      'it has caught up',
      () => a.groups.get('sessions')?.appliedIndex === b.groups.get('sessions')?.appliedIndex,
    );
    await c.groups.get('sessions')?.leave();
    await c.stopGroup('sessions');
    expect(b.groups.get('sessions')?.members.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(await sessions.get('k')).toBe('without a');
    expect(await new CounterClient(main, 'visits').add(1)).toBe(1);
    expect(await new CounterClient(main.group('orders'), 'stock').add(1)).toBe(1);
  });

  it('fail alone: one that cannot go on ends neither its node nor another group', async () => {
    const failed: unknown[] = [];
    const { a } = await startAll();
    const main = await toCluster();
    const group = await a.startGroup('fragile', {
      machines: { stock: new Counter() },
      peers: { a: a.address },
      onFatal: (error) => failed.push(error),
    });
    const stock = new CounterClient(main.group('fragile'), 'stock');
    await stock.add(1);
    await group.log?.close();
    await expect(stock.with({ timeoutMs: 500 }).add(1)).rejects.toMatchObject({
      code: expect.anything() as unknown,
    });
    await until('it has failed', () => failed.length === 1);
    expect(await new CounterClient(main, 'visits').add(1)).toBe(1);
    expect(await new CounterClient(main.group('orders'), 'stock').add(1)).toBe(1);
    await a.stopGroup('fragile');
    await a.startGroup('fragile', { machines: { stock: new Counter() }, peers: { a: a.address } });
    expect(await stock.current()).toBe(1);
  });
});

describe('a group that cannot be is refused, and named', () => {
  it.each(['', '..', 'a/b', 'Orders', 'x'.repeat(65), '-x', 'a b', '__proto__'])('%j', async (name) => {
    const node = await start('a', { peers: { a: peers['a'] ?? '' }, groups: {} });
    const refusal = {
      code: 'InvalidArgument',
      message: expect.stringContaining(JSON.stringify(name)) as unknown,
    };
    await expect(node.startGroup(name, orders())).rejects.toMatchObject(refusal);
    const client = await toCluster();
    expect(() => client.group(name)).toThrow(JSON.stringify(name));
    await expect(connect([node.address], { group: name })).rejects.toMatchObject(refusal);
  });

  it('the name of another, or of the own one, and options that there are not', async () => {
    const node = await start('a', { peers: { a: peers['a'] ?? '' } });
    await expect(node.startGroup('orders', orders())).rejects.toThrow(/orders was started/);
    await expect(node.startGroup('main', orders())).rejects.toThrow(/main is the node's own/);
    await expect(node.startGroup('x', { ...orders(), machine: 1 } as never)).rejects.toThrow(
      /no option machine;/,
    );
    await expect(node.startGroup('x', { ...orders(), segmentBytes: 4_095 })).rejects.toThrow(
      /segmentBytes of group x must be an integer of at least 4096/,
    );
    await expect(start('b', { segmentBytes: 1.5 })).rejects.toThrow(
      /segmentBytes of a node must be an integer of at least 4096/,
    );
    await expect(node.startGroup('x', {} as never)).rejects.toThrow(/machines of group x/);
    for (const seeds of [undefined, '127.0.0.1:1', [5], null]) {
      await expect(node.joinGroup('x', seeds as never, orders())).rejects.toThrow(
        `InvalidArgument: join needs a list of addresses of members, not ${JSON.stringify(seeds)}`,
      );
    }
    await expect(node.startGroup('x', { ...orders(), peers: { b: '127.0.0.1:1' } })).rejects.toThrow(
      /node a is not among the members b/,
    );
    await expect(node.stopGroup('x')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(node.stopGroup('main')).rejects.toMatchObject({ code: 'InvalidArgument' });
    await node.startGroup('x', orders());
    await node.stopGroup('x');
    expect([...node.groups.keys()]).toEqual(['main', 'orders']);
  });

  it('one whose service has the ID of another', async () => {
    const node = await start('a', { peers: { a: peers['a'] ?? '' }, groups: {} });
    // Found by trying some three million names.
    const [one, other] = ['group-10unw', 'group-1xwba'] as const;
    await node.startGroup(one, { ...orders(), peers: { a: node.address } });
    await expect(node.startGroup(other, orders())).rejects.toThrow(/share the ID/);
    expect([...node.groups.keys()]).toEqual(['main', one]);
  });
});
