import { callValue, openChannel } from '@decoraft/rpc';
import { CALL_METADATA, IS_LEADER } from 'decoraft';
import { valueService } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const IDS = ['a', 'b', 'c'] as const;
type Told = Record<(typeof IDS)[number], unknown[]>;

let cluster: VirtualCluster;

beforeEach(async () => {
  cluster = await VirtualCluster.start();
});

afterEach(() => cluster.close());

async function moveLeader(): Promise<string> {
  await cluster.during(cluster.node(await cluster.leader()).transferLeadership());
  return cluster.leader();
}

describe('IS_LEADER', () => {
  it('is true in listeners on the node that leads, and on no other, and moves with the leader', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const told: Told = { a: [], b: [], c: [] };
    for (const id of IDS) {
      cluster.node(id).observe(cluster.machine(id), 'onChanged', [], () => told[id].push(IS_LEADER.get()));
    }
    const leaders: string[] = [];
    for (const leaderOf of [() => cluster.leader(), moveLeader]) {
      leaders.push(await leaderOf());
      await cluster.during(counter.add(1));
      await cluster.until('all were told', () => IDS.every((id) => told[id].length === leaders.length));
    }
    for (const id of IDS) expect([id, told[id]]).toEqual([id, leaders.map((leader) => leader === id)]);
    expect(IS_LEADER.get()).toBe(false);
  });

  it('is true in the handlers of services on the node that leads, also after they have waited', async () => {
    const look = (): readonly unknown[] => [IS_LEADER.get(), CALL_METADATA.get()['tenant']];
    const handlers = { look: async () => [look(), await Promise.resolve().then(look)] };
    for (const id of IDS) cluster.server(id).register('who', valueService(handlers));
    for (const leaderOf of [() => cluster.leader(), moveLeader]) {
      const leader = await leaderOf();
      for (const id of IDS) {
        const channel = await openChannel(cluster.address(id), { transport: cluster.network });
        const answer = await callValue(channel, 'who', 'look', [], { metadata: { tenant: id } });
        expect([id, answer]).toEqual([id, [leader === id, leader === id].map((leads) => [leads, id])]);
        channel.close();
      }
    }
  });

  it('tells a listener what was bound where it began to listen, and nothing of who has sent the command', async () => {
    const counter = new CounterClient(await cluster.connect({ metadata: { tenant: 'client' } }), 'counter');
    const leader = await cluster.leader();
    const told: unknown[] = [];
    CALL_METADATA.run({ tenant: 'listener' }, () =>
      cluster
        .node(leader)
        .observe(cluster.machine(leader), 'onChanged', [], () => told.push(CALL_METADATA.get()['tenant'])),
    );
    await cluster.during(CALL_METADATA.run({ tenant: 'caller' }, () => counter.add(1)));
    await cluster.until('it was told', () => told.length > 0);
    expect(told).toEqual(['listener']);
  });
});
