import { decodeToken, encodeToken } from '@decoraft/protocol';
import type { Dialer } from '@decoraft/rpc';
import { type Cluster, connect, type Consistency, DecoraftError } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const LEVELS: readonly Consistency[] = ['session', 'linearizable', 'lease', 'local'];
const IDS = ['a', 'b', 'c'] as const;

let cluster: VirtualCluster;
/** Nodes that no other node reaches, and that reach none; clients do. */
let apart: Set<string>;
const clients: Cluster[] = [];

beforeEach(() => {
  apart = new Set();
});

afterEach(async () => {
  apart.clear();
  for (const client of clients.splice(0)) await cluster.during(client.close());
  await cluster.close();
});

async function start(settings: VirtualCluster['settings'] = {}): Promise<void> {
  const dialer = (id: string, network: Dialer): Dialer => ({
    dial: (address, events, options) => {
      const isCut = apart.has(id) || [...apart].some((other) => address === cluster.address(other));
      return isCut
        ? Promise.reject(new DecoraftError('Unavailable', 'cut off'))
        : network.dial(address, events, options);
    },
  });
  cluster = new VirtualCluster(settings, { dialer });
  for (const id of IDS) await cluster.startNode(id);
  await cluster.leader();
}

/** From now on nobody but clients reaches the node. */
function cutOff(id: string): void {
  apart.add(id);
  for (const other of IDS) cluster.network.sever(cluster.address(other));
}

/** A client that reaches these nodes only. */
async function clientOf(ids: readonly string[], token?: string): Promise<Cluster> {
  const { clock, network } = cluster;
  const addresses = ids.map((id) => cluster.address(id));
  const dial: Dialer['dial'] = (address, events, options) =>
    addresses.includes(address)
      ? network.dial(address, events, options)
      : Promise.reject(new DecoraftError('Unavailable', 'out of reach'));
  const options = { clock, transport: { dial }, ...(token === undefined ? {} : { token }) };
  const client = await cluster.during(connect(addresses, options));
  clients.push(client);
  return client;
}

const counterOf = (client: Cluster): CounterClient => new CounterClient(client, 'counter');

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  cluster.during(
    work.then(
      (value) => value,
      (error: unknown) => (error as DecoraftError).code,
    ),
  );

const others = async (): Promise<readonly string[]> => {
  const leader = await cluster.leader();
  return IDS.filter((id) => id !== leader);
};

const roundsOfAll = (): number =>
  IDS.reduce((sum, id) => sum + (cluster.node(id).status?.readRounds ?? 0), 0);

describe('a query', () => {
  it.each([false, true])('at every level is answered by every node, leases %s', async (leaseReads) => {
    await start({ leaseReads });
    const writer = counterOf(await clientOf(IDS));
    await cluster.during(writer.add(5));
    await cluster.pass(1_000);
    for (const id of IDS) {
      const counter = counterOf(await clientOf([id]));
      for (const consistency of LEVELS) {
        expect(await cluster.during(counter.with({ consistency }).current())).toBe(5);
      }
    }
  });

  it('at no known level is refused, and not answered at a weaker one', async () => {
    await start();
    const counter = counterOf(await clientOf(IDS)).with({ consistency: 'strict' as Consistency });
    expect(await codeOf(counter.current())).toBe('InvalidArgument');
  });
});

describe('linearizable reads', () => {
  it('share rounds of heartbeats, from wherever they are asked', async () => {
    await start();
    const counters = [];
    for (const id of IDS)
      counters.push(counterOf(await clientOf([id])).with({ consistency: 'linearizable' }));
    const before = roundsOfAll();
    for (let burst = 0; burst < 10; burst++) {
      await cluster.during(
        Promise.all(counters.flatMap((counter) => Array.from({ length: 100 }, () => counter.current()))),
      );
    }
    const counts = IDS.map((id) => cluster.node(id).readCounts.linearizable);
    expect(counts).toEqual([1_000, 1_000, 1_000]);
    expect(roundsOfAll() - before).toBeLessThanOrEqual(60);
  });

  it('never trust a lease, where others do', async () => {
    await start({ leaseReads: true });
    const counter = counterOf(await clientOf([await cluster.leader()]));
    await cluster.pass(2_000);
    const before = roundsOfAll();
    for (let at = 0; at < 5; at++) await cluster.during(counter.with({ consistency: 'lease' }).current());
    expect(roundsOfAll() - before).toBe(0);
    for (let at = 0; at < 5; at++) {
      await cluster.during(counter.with({ consistency: 'linearizable' }).current());
    }
    expect(roundsOfAll() - before).toBe(5);
  });

  it.each(['linearizable', 'lease'] as const)(
    'of a leader of the past show nothing old (%s)',
    async (consistency) => {
      await start({ leaseReads: true });
      const old = await cluster.leader();
      const reader = counterOf(await clientOf([old])).with({ consistency, timeoutMs: 300 });
      const writer = counterOf(await clientOf(await others())).with({ timeoutMs: 60_000 });
      await cluster.during(writer.add(1));
      expect(await cluster.during(reader.current())).toBe(1);
      cutOff(old);
      const known = { value: 1 };
      const writing = writer.add(1).then((value) => (known.value = value));
      const seen: unknown[] = [];
      for (let at = 0; at < 200 && seen.at(-1) !== 'Unavailable'; at++) {
        const least = known.value;
        const value = await codeOf(reader.current());
        if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(least);
        seen.push(value);
        await cluster.pass(10);
      }
      expect(await cluster.during(writing)).toBe(2);
      expect(seen).not.toContain(2);
      expect(seen.at(-1)).toBe('Unavailable');
      // What the node has is old: that is what `local` says.
      expect(await cluster.during(reader.with({ consistency: 'local' }).current())).toBe(1);
      apart.clear();
      const patient = reader.with({ timeoutMs: 60_000 });
      expect(await cluster.during(patient.current())).toBe(2);
    },
  );
});

describe('session reads', () => {
  it('never go back and show own writes, whichever nodes are behind', async () => {
    await start();
    const client = await clientOf(IDS);
    const counter = counterOf(client);
    const [behind = ''] = await others();
    cutOff(behind);
    for (let value = 1; value <= 20; value++) {
      expect(await cluster.during(counter.add(1))).toBe(value);
      for (let read = 0; read < 3; read++) expect(await cluster.during(counter.current())).toBe(value);
    }
    expect(cluster.machine(behind).current()).toBeLessThan(20);
    expect(cluster.node(behind).readCounts.behind).toBeGreaterThan(0);
  });

  it('are answered by all nodes', async () => {
    await start();
    const counter = counterOf(await clientOf(IDS));
    await cluster.during(counter.add(1));
    await cluster.pass(1_000);
    for (let read = 0; read < 30; read++) await cluster.during(counter.current());
    expect(IDS.map((id) => cluster.node(id).readCounts.session)).toEqual([10, 10, 10]);
  });

  it('pass over a node that hangs, once it has let one of them wait', async () => {
    await start();
    const [hanging = ''] = await others();
    const silent = cluster.address(hanging);
    let isHanging = false;
    let lost = 0;
    const dial: Dialer['dial'] = async (address, events, options) => {
      const connection = await cluster.network.dial(address, events, options);
      const send = (message: Uint8Array): void => {
        if (isHanging && address === silent) lost += 1;
        else connection.send(message);
      };
      return {
        ...connection,
        bufferedBytes: 0,
        send,
        close: (code, reason) => connection.close(code, reason),
      };
    };
    const addresses = IDS.map((id) => cluster.address(id));
    const client = await cluster.during(connect(addresses, { clock: cluster.clock, transport: { dial } }));
    clients.push(client);
    const counter = counterOf(client).with({ consistency: 'local' });
    for (let read = 0; read < 6; read++) await cluster.during(counter.current());
    isHanging = true;
    for (let read = 0; read < 12; read++) expect(await cluster.during(counter.current())).toBe(0);
    // The question, and that it is not waited for any more.
    expect(lost).toBe(2);
    isHanging = false;
  });
});

describe('a token', () => {
  it('has another client read what its owner has written, wherever it asks', async () => {
    await start();
    const writer = await clientOf(IDS);
    const [behind = ''] = await others();
    cutOff(behind);
    const counter = counterOf(writer);
    expect(await cluster.during(counter.add(7))).toBe(7);
    const token = writer.token();
    const reader = await clientOf([behind]);
    // Without it, a client that has seen nothing is shown whatever is there.
    expect(await cluster.during(counterOf(reader).current())).toBe(0);
    const told = counterOf(reader).with({ token, timeoutMs: 2_000 });
    expect(await codeOf(told.current())).toBe('Unavailable');
    expect(await cluster.during(told.with({ consistency: 'local' }).current())).toBe(0);
    apart.clear();
    expect(await cluster.during(told.with({ timeoutMs: 60_000 }).current())).toBe(7);
    // What an answer has shown is never gone back behind.
    expect(await cluster.during(counterOf(reader).current())).toBe(7);
  });

  it('is given for one call, for all calls from now on, or where a client connects', async () => {
    await start();
    const writer = await clientOf(IDS);
    expect(await cluster.during(counterOf(writer).add(7))).toBe(7);
    const token = writer.token();
    const [follower = ''] = await others();
    const observer = await clientOf([follower]);
    observer.observeToken(token);
    const connected = await clientOf([follower], token);
    for (const client of [observer, connected]) {
      expect(await cluster.during(counterOf(client).current())).toBe(7);
      expect(client.token()).toBe(token);
    }
  });

  it('of a client that has seen nothing asks for nothing', async () => {
    await start();
    const token = (await clientOf(IDS)).token();
    expect(
      await cluster.during(
        counterOf(await clientOf(IDS))
          .with({ token })
          .current(),
      ),
    ).toBe(0);
  });

  it('that is none is refused at once', async () => {
    await start();
    const client = await clientOf(IDS);
    expect(() => client.observeToken('none')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    expect(await codeOf(counterOf(client).with({ token: 'none' }).current())).toBe('InvalidArgument');
    expect(await codeOf(clientOf(IDS, 'none'))).toBe('InvalidArgument');
  });

  it('of another group is refused at once', async () => {
    await start();
    const client = await clientOf(IDS);
    const token = encodeToken({ cluster: 1, service: 1, index: 1 });
    expect(() => client.observeToken(token)).toThrow(expect.objectContaining({ code: 'ClusterMismatch' }));
    expect(await codeOf(clientOf(IDS, token))).toBe('ClusterMismatch');
  });

  it('of another cluster is refused as soon as a node has answered, by every call', async () => {
    await start();
    const { service } = await ownToken();
    const token = encodeToken({ cluster: 12345, service, index: 1 });
    for (const consistency of LEVELS) {
      const counter = counterOf(await clientOf(IDS, token)).with({ consistency });
      expect(await codeOf(counter.current())).toBe('ClusterMismatch');
    }
    expect(await codeOf(counterOf(await clientOf(IDS, token)).add(1))).toBe('ClusterMismatch');
    const client = await clientOf(IDS);
    expect(await cluster.during(counterOf(client).current())).toBe(0);
    expect(() => client.observeToken(token)).toThrow(expect.objectContaining({ code: 'ClusterMismatch' }));
  });

  it.each(['session', 'lease', 'linearizable'] as const)(
    'of what the cluster has lost ends with that, and is not waited for (%s)',
    async (consistency) => {
      await start();
      const { cluster: own, service } = await ownToken();
      const token = encodeToken({ cluster: own, service, index: 1_000_000 });
      for (const id of IDS) {
        const counter = counterOf(await clientOf([id])).with({ token, consistency, timeoutMs: 60_000 });
        const beganMs = cluster.clock.monotonicMs();
        expect(await codeOf(counter.current())).toBe('ClusterMismatch');
        expect(cluster.clock.monotonicMs() - beganMs).toBeLessThan(5_000);
        expect(await cluster.during(counter.with({ consistency: 'local' }).current())).toBe(0);
      }
    },
  );
});

/** The cluster and group that a token of this cluster names. */
async function ownToken(): Promise<{ readonly cluster: number; readonly service: number }> {
  const client = await clientOf(IDS);
  await cluster.during(counterOf(client).current());
  return decodeToken(client.token());
}
