import { connect } from 'decoraft/client';
import { startNode } from 'decoraft/server';
import { Counter } from './counter.machine.js';
import { CounterClient } from './generated/counter.client.js';
import './generated/operations.js';

const address = '127.0.0.1:2100';
const node = await startNode({
  id: 'a',
  dataDir: './data/counter',
  peers: { a: address },
  machines: { visits: new Counter() },
});

const cluster = await connect([address]);
const visits = new CounterClient(cluster, 'visits');
const stop = await visits.onChanged((value) => console.log('changed to', value));

console.log('add returned', await visits.add(1));
console.log('current is', await visits.current());

await stop();
await cluster.close();
await node.close();
