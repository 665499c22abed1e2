import { encodeProposal, GROUP_METHOD, groupServiceName, type Proposal } from '@decoraft/protocol';
import { type Channel, methodId, openChannel, serviceId } from '@decoraft/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const IDS = ['a', 'b', 'c'] as const;
let cluster: VirtualCluster;

beforeEach(async () => {
  cluster = await VirtualCluster.start();
  await cluster.until(
    'all disks are known, and the machines agreed on',
    () => cluster.node('a').appliedIndex > 5,
  );
});

afterEach(() => cluster.close());

const lastIndex = async (): Promise<number> => cluster.node(await cluster.leader()).lastIndex;

async function counter(): Promise<CounterClient> {
  return new CounterClient(await cluster.connect({ sessionTimeoutMs: 5_000 }), 'counter');
}

describe('a session', () => {
  it('is opened by the first command, and by nothing before it', async () => {
    const before = await lastIndex();
    const client = await counter();
    await cluster.during(client.current());
    await cluster.during(client.with({ consistency: 'linearizable' }).current());
    await cluster.pass(20_000);
    expect(await lastIndex()).toBe(before);
    await cluster.during(client.add(1));
    expect(await lastIndex()).toBe(before + 2);
  });

  it('is kept alive without leaving a trace in the log', async () => {
    const client = await counter();
    await cluster.during(client.onChanged(() => undefined));
    const before = await lastIndex();
    await cluster.pass(60_000);
    expect(await lastIndex()).toBe(before);
    expect(await cluster.during(client.add(1))).toBe(1);
  });

  it('is ended by one entry when its client is gone, and by a new leader only after a full period', async () => {
    await cluster.during(cluster.node(await cluster.leader()).configure({ sessions: 1 }));
    let isCut = false;
    const dial: typeof cluster.network.dial = (address, events, options) =>
      isCut ? Promise.reject(new Error('cut off')) : cluster.network.dial(address, events, options);
    const client = await cluster.connect({ sessionTimeoutMs: 5_000, transport: { dial } });
    await cluster.during(new CounterClient(client, 'counter').add(1));
    const before = await lastIndex();
    isCut = true;
    for (const id of IDS) cluster.network.sever(cluster.address(id));
    // Its period is nearly over when another leads.
    await cluster.pass(4_000);
    const first = await cluster.leader();
    await cluster.stopNode(first);
    await cluster.leader();
    const opening = await lastIndex();
    expect(opening).toBe(before + 1);
    await cluster.pass(4_500);
    expect(await lastIndex()).toBe(opening);
    await cluster.pass(3_000);
    expect(await lastIndex()).toBe(opening + 1);
    expect(await cluster.during((await counter()).add(1))).toBe(2);
  });

  it('is closed with its client, and so are its subscriptions, on all replicas', async () => {
    await cluster.during(cluster.node('a').configure({ sessions: 1, subscriptions: 1 }));
    for (let round = 0; round < 3; round++) {
      const client = await cluster.connect();
      await cluster.during(new CounterClient(client, 'counter').onChanged(() => undefined));
      await cluster.during(client.close());
      // Whoever leads next has to have room again.
      const leader = await cluster.leader();
      await cluster.stopNode(leader);
      await cluster.leader();
      await cluster.startNode(leader);
    }
    const hashes = (): ReadonlySet<string> => new Set(IDS.map((id) => cluster.node(id).stateHash));
    await cluster.until('all are equal', () => hashes().size === 1);
  });
});

describe('what only a leader decides', () => {
  let channel: Channel;

  beforeEach(async () => {
    const { clock, network: transport } = cluster;
    const address = cluster.address(await cluster.leader());
    channel = await cluster.during(openChannel(address, { transport, clock }));
  });

  afterEach(() => channel.close());

  it.each<Proposal>([
    { kind: 'expire-sessions', sessions: [] },
    { kind: 'configure', onlyFirst: false, limits: { sessions: 1 } },
  ])('is refused from a client: $kind', async (proposal) => {
    const service = serviceId(groupServiceName('main'));
    const propose = methodId(GROUP_METHOD.propose);
    const before = await lastIndex();
    const asked = channel.call(service, propose, encodeProposal(proposal), { timeoutMs: 3_000 });
    await expect(cluster.during(asked)).rejects.toMatchObject({ code: 'PermissionDenied' });
    expect(await lastIndex()).toBe(before);
  });
});
