import { connect } from 'decoraft/client';
import { startNode } from 'decoraft/server';
import { LeasesClient } from './generated/leases.client.js';
import './generated/operations.js';
import { Leases } from './leases.machine.js';

const address = '127.0.0.1:2107';
const node = await startNode({
  id: 'a',
  dataDir: './data/leases',
  peers: { a: address },
  machines: { leases: new Leases() },
});
const cluster = await connect([address]);
const leases = new LeasesClient(cluster, 'leases');

const expired = leases.onExpired('printer');
await expired.ready;
const lease = await leases.acquire('printer', 'Ada', 30_000);
console.log('Grace gets it:', (await leases.acquire('printer', 'Grace', 300)) !== undefined);
console.log('Ada renews it:', lease !== undefined && (await leases.renew('printer', lease.fence, 200)));
for await (const { holder } of expired) {
  console.log(`${holder}'s lease has expired`);
  break;
}
console.log('Grace gets it:', (await leases.acquire('printer', 'Grace', 300)) !== undefined);

await cluster.close();
await node.close();
