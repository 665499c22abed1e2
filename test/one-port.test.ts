/** All that a node can serve, at once and on one port; what it costs is measured by `bench/one-port.ts`. */
import { type Cluster, connect } from 'decoraft/client';
import { Member, Observer } from 'decoraft/membership';
import { type DecoraftNode, startNode, valueService } from 'decoraft/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import '../examples/counter/src/generated/operations.js';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { freePeers } from '../examples/key-value/src/node-process.js';
import { GreeterClient } from './services/generated/greeter.client.js';
import './services/generated/operations.js';
import { Greeter } from './services/greeter.service.js';

const ITEMS = 100_000;
/** What credit, buffers and sockets between a handler and a reader may hold, in small items; far below all of them. */
const MOST_AHEAD = 20_000;

const greeter = new Greeter();
/** The last number that the handler of the stream was asked for. */
let asked = 0;
greeter.count = async function* (to) {
  for (asked = 1; asked <= to; asked++) yield asked;
};

let nodes: readonly DecoraftNode[];
let cluster: Cluster;

beforeAll(async () => {
  const peers = await freePeers(['a', 'b', 'c']);
  const start = (id: string): Promise<DecoraftNode> =>
    startNode({
      id,
      dataDir: ':memory:',
      peers,
      machines: { visits: new Counter(), users: new KeyValue() },
      membership: true,
      groups: { orders: { machines: { stock: new Counter(), customers: new KeyValue() } } },
      services: {
        greeter: id === 'a' ? greeter : new Greeter(),
        host: new Greeter('welcome'),
        adder: valueService({ add: (left: number, right: number) => left + right }),
      },
    });
  nodes = await Promise.all(Object.keys(peers).map(start));
  cluster = await connect(Object.values(peers));
});

afterAll(async () => {
  await cluster.close();
  await Promise.all(nodes.map((node) => node.close()));
});

/** One of everything, to be called again and again. */
async function callAll(round: number): Promise<void> {
  const orders = cluster.group('orders');
  const at = cluster.node(nodes[0]?.address ?? '');
  const answers = await Promise.all([
    new CounterClient(cluster, 'visits').add(1),
    new CounterClient(orders, 'stock').add(2),
    new KeyValueClient(cluster, 'users').set('round', `${round}`),
    new KeyValueClient(orders, 'customers').set('round', `${-round}`),
    new GreeterClient(at, 'host').greet('Ada'),
    at.service('adder').call('add', [round, 1]),
  ]);
  const before = round > 1 ? round - 1 : undefined;
  const texts = before === undefined ? [undefined, undefined] : [`${before}`, `${-before}`];
  expect(answers).toEqual([round, 2 * round, ...texts, 'welcome Ada', round + 1]);
}

describe('one port', () => {
  it('serves two groups of two machines, a membership and three services, while one of them streams', async () => {
    const observer = await Observer.open(cluster);
    const member = await Member.join(cluster, { address: 'here:1', groups: ['readers'] });
    const streaming = new GreeterClient(cluster.node(nodes[0]?.address ?? ''), 'greeter');
    let [read, furthestAhead, rounds] = [0, 0, 0];
    for await (const number of streaming.with({ timeoutMs: 100_000 }).count(ITEMS)) {
      expect(number).toBe(++read);
      furthestAhead = Math.max(furthestAhead, asked - read);
      // Slow: the reader waits for everything else before it takes the next one.
      if (read % 1_000 === 1) await callAll(++rounds);
    }
    expect([read, rounds]).toEqual([ITEMS, ITEMS / 1_000]);
    expect(furthestAhead).toBeLessThan(MOST_AHEAD);
    await observer.reached(member.version);
    expect(observer.groupLeader('readers')?.id).toBe(member.id);
    await member.leave();
    await observer.close();
  });
});
