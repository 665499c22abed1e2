import { connect, type Cluster } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

let cluster: VirtualCluster;
let door: string;
let client: Cluster;
let counter: CounterClient;

/** The client reaches one node, which does not lead: so it is with a page behind a proxy. */
beforeEach(async () => {
  cluster = await VirtualCluster.start();
  const leader = await cluster.leader();
  door = ['a', 'b', 'c'].find((id) => id !== leader) ?? '';
  const { clock, network } = cluster;
  const address = cluster.address(door);
  const dial: typeof network.dial = (to, events, options) =>
    to === address ? network.dial(to, events, options) : Promise.reject(new Error('no way there'));
  const options = { clock, transport: { dial }, sessionTimeoutMs: 5_000 };
  client = await cluster.during(connect([address], options));
  counter = new CounterClient(client, 'counter');
});

afterEach(async () => {
  await cluster.during(client.close());
  await cluster.close();
});

describe('a client that reaches only one node, which does not lead', () => {
  it('has its commands applied in order', async () => {
    const answers = Array.from({ length: 500 }, () => counter.add(1));
    expect(await cluster.during(Promise.all(answers))).toEqual(
      Array.from({ length: 500 }, (_, at) => at + 1),
    );
  });

  it('keeps its session while it is idle, and hears its events, also from the next leader', async () => {
    const told: number[] = [];
    const seen: number[] = [];
    client.on('sessionExpired', ({ session }) => told.push(session));
    await cluster.during(counter.onChanged((value) => seen.push(value)));
    await cluster.pass(30_000);
    expect(await cluster.during(counter.add(1))).toBe(1);
    await cluster.until('its event', () => seen.length === 1);
    const leader = await cluster.leader();
    if (leader !== door) await cluster.stopNode(leader);
    await cluster.leader();
    expect(await cluster.during(counter.with({ timeoutMs: 60_000 }).add(1))).toBe(2);
    await cluster.until('the next event', () => seen.length === 2);
    await cluster.pass(30_000);
    expect(await cluster.during(counter.add(1))).toBe(3);
    await cluster.until('the last event', () => seen.length === 3);
    expect([told, seen]).toEqual([[], [1, 2, 3]]);
  });
});
