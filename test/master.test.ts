import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cluster,
  CONFIGURATION_NAME,
  ConfigurationClient,
  connect,
  MASTER_NAME,
  MasterClient,
} from 'decoraft/client';
import { type DecoraftNode, type NodeOptions, startNode, takeBackup } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import '../examples/counter/src/generated/operations.js';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

const IDS = ['a', 'b', 'c'] as const;
/** For a busy machine: calls that have to wait for an election, or for a member to catch up. */
const PATIENT = { timeoutMs: 60_000 };
let directory: string;
let peers: Readonly<Record<string, string>>;
const closing: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'decoraft-master-'));
  peers = await freePeers([...IDS, 'd']);
});

afterEach(async () => {
  for (const thing of closing.splice(0).toReversed()) await thing.close();
  await rm(directory, { recursive: true, force: true });
});

function later<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
  closing.push(thing);
  return thing;
}

function start(
  id: string,
  ids: readonly string[],
  options: Partial<NodeOptions> = {},
): Promise<DecoraftNode> {
  const mine = Object.fromEntries(ids.map((one) => [one, peers[one] ?? '']));
  const node = startNode({
    id,
    dataDir: join(directory, id),
    peers: mine,
    machines: { visits: new Counter(), users: new KeyValue() },
    groups: { orders: { machines: { stock: new Counter() } } },
    ...options,
  });
  return node.then(later);
}

const startAll = (): Promise<readonly DecoraftNode[]> => Promise.all(IDS.map((id) => start(id, IDS)));

async function open(...ids: readonly string[]): Promise<Cluster> {
  const addresses = ids.length === 0 ? IDS : ids;
  return later(await connect(addresses.map((id) => peers[id] ?? '')));
}

const masterOf = (cluster: Cluster): MasterClient => new MasterClient(cluster, MASTER_NAME, PATIENT);
const configurationOf = (cluster: Cluster): ConfigurationClient =>
  new ConfigurationClient(cluster, CONFIGURATION_NAME, PATIENT);

describe('the master of a group', () => {
  it('names its machines, with what can be called, in each group its own, at every level and on every node', async () => {
    await startAll();
    const cluster = await open();
    for (const consistency of ['linearizable', 'session', 'lease', 'local'] as const) {
      const machines = await masterOf(cluster).with({ consistency }).machines();
      expect(machines.map(({ className, name }) => `${name}: ${className}`)).toEqual([
        'users: KeyValue',
        'visits: Counter',
      ]);
    }
    for (const id of IDS) {
      const one = await open(id);
      const machines = await masterOf(one).with({ consistency: 'local' }).machines();
      expect(machines[1]?.operations.map(({ kind, name }) => `@${kind} ${name}`)).toEqual([
        '@sub onChanged',
        '@cmd add',
        '@qry current',
      ]);
    }
    const orders = await masterOf(cluster.group('orders')).machines();
    expect(orders.map(({ name }) => name)).toEqual(['stock']);
  });
});

describe('the configuration of a group', () => {
  it('names its members, as they come and go', async () => {
    await startAll();
    const cluster = await open();
    const configuration = configurationOf(cluster).with({ ...PATIENT, consistency: 'linearizable' });
    const member = (id: string) => ({ id, address: peers[id], role: 'voter' });
    expect(await configuration.members()).toEqual(IDS.map(member));
    const joined = await start('d', ['d'], { join: [peers['a'] ?? ''], groups: {} });
    await until('the fourth votes', async () => {
      const members = await configuration.members();
      return members.some(({ id, role }) => id === 'd' && role === 'voter');
    });
    expect(await configuration.members()).toEqual([...IDS, 'd'].map(member));
    const others = configurationOf(cluster.group('orders')).with({ consistency: 'linearizable' });
    expect(await others.members()).toEqual(IDS.map(member));
    await joined.raft.leave();
    expect(await configuration.members()).toEqual(IDS.map(member));
  });

  it('counts sessions and subscriptions, as they come and go, in each group its own', async () => {
    const nodes = await startAll();
    const watcher = await open();
    const configuration = configurationOf(watcher).with({ ...PATIENT, consistency: 'linearizable' });
    expect(await configuration.sessions()).toEqual({ count: 0, sessions: [], hasMore: false });

    const client = await open();
    const users = new KeyValueClient(client, 'users', PATIENT);
    await users.set('k', 'v');
    const off = await users.onKeyInserted('k', () => undefined);
    await users.onKeyInserted('l', () => undefined);
    await new CounterClient(client, 'visits', PATIENT).onChanged(() => undefined);
    const { count, sessions } = await configuration.sessions();
    expect(count).toBe(1);
    const [session] = sessions;
    expect(session).toMatchObject({
      subscriptions: 3,
      pendingEvents: 0,
      timeoutMs: expect.any(Number) as unknown,
    });
    const both = [
      { machine: 'users', event: 'onKeyInserted', count: 2 },
      { machine: 'visits', event: 'onChanged', count: 1 },
    ];
    expect(await configuration.subscriptions()).toEqual({ count: 3, events: both });
    expect(await configuration.subscriptions({ session: session?.id ?? 0 })).toEqual({
      count: 3,
      events: both,
    });
    expect(await configuration.subscriptions({ session: 1 })).toEqual({ count: 0, events: [] });
    await until('every node tells the same', async () => {
      const all = await Promise.all(
        nodes.map(async ({ raft }) => {
          const one = await connect([peers[raft.id] ?? '']);
          try {
            return await configurationOf(one).with({ consistency: 'local' }).subscriptions();
          } finally {
            await one.close();
          }
        }),
      );
      return all.every((counts) => counts.count === 3);
    });
    const elsewhere = configurationOf(watcher.group('orders')).with({ consistency: 'linearizable' });
    expect(await elsewhere.sessions()).toMatchObject({ count: 0 });

    await off();
    expect(await configuration.subscriptions()).toMatchObject({ count: 2 });
    await client.close();
    await until('the session is gone', async () => (await configuration.sessions()).count === 0);
    expect(await configuration.subscriptions()).toEqual({ count: 0, events: [] });
  });

  it('shows the limits that the group has agreed on', async () => {
    const [node] = await startAll();
    const configuration = configurationOf(await open()).with({ ...PATIENT, consistency: 'linearizable' });
    expect(await configuration.limits()).toMatchObject({ sessions: 10_000 });
    await node?.raft.configure({ sessions: 77 });
    expect(await configuration.limits()).toMatchObject({ sessions: 77, subscriptions: 100_000 });
  });

  it('refuses a page that can be none, and stays as it is', async () => {
    await startAll();
    const configuration = configurationOf(await open());
    await expect(configuration.sessions({ limit: 0 })).rejects.toMatchObject({
      code: 'CommandRejected',
      data: { code: 'InvalidArgument' },
    });
    await expect(configuration.sessions({ limit: 'all' as never })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    expect(await configuration.sessions()).toMatchObject({ count: 0 });
  });
});

describe('master and configuration', () => {
  it('have no commands and no events: who calls one is refused, by name', async () => {
    const [node] = await startAll();
    const cluster = await open();
    for (const name of [MASTER_NAME, CONFIGURATION_NAME]) {
      const refusal = { code: 'Unimplemented', message: expect.stringContaining(name) as unknown };
      await expect(new CounterClient(cluster, name, PATIENT).add(1)).rejects.toMatchObject(refusal);
      await expect(
        new CounterClient(cluster, name, PATIENT).onChanged(() => undefined),
      ).rejects.toMatchObject(refusal);
      await expect(new CounterClient(cluster, name, PATIENT).current()).rejects.toMatchObject(refusal);
      expect(() => node?.raft.observe(name, 'onChanged', [], () => undefined)).toThrow(name);
    }
    expect([...(node?.raft.machines.keys() ?? [])]).toEqual(['visits', 'users']);
  });

  it.each([MASTER_NAME, CONFIGURATION_NAME])('keep their names: no machine of a user is %s', async (name) => {
    const alone = { machines: { [name]: new Counter() }, groups: {} };
    const refusal = {
      code: 'InvalidArgument',
      message: expect.stringContaining(`machine ${name} is taken`) as unknown,
    };
    await expect(start('a', ['a'], alone)).rejects.toMatchObject(refusal);
    const node = await start('b', ['b'], { groups: {} });
    await expect(node.startGroup('orders', alone)).rejects.toThrow(/no option groups/);
    await expect(node.startGroup('orders', { machines: alone.machines })).rejects.toMatchObject(refusal);
  });

  it('are in no state that is kept or compared: all nodes are equal, also after a restart from a snapshot', async () => {
    const nodes = await startAll();
    const cluster = await open();
    await new CounterClient(cluster, 'visits', PATIENT).add(3);
    const configuration = configurationOf(cluster).with({ ...PATIENT, consistency: 'linearizable' });
    const before = await configuration.members();
    await takeBackup({ from: Object.values(peers), to: join(directory, 'backup') });
    for (const { raft } of nodes) await raft.takeSnapshot();
    for (const node of nodes) await node.close();
    const again = await startAll();
    expect(await configuration.members()).toEqual(before);
    expect((await configuration.sessions()).count).toBe(1);
    await until('all have applied the same, and are equal', () => {
      const applied = new Set(again.map(({ raft }) => raft.appliedIndex));
      return applied.size === 1 && new Set(again.map(({ raft }) => raft.stateHash)).size === 1;
    });
  });
});
