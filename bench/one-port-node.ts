/** A node with all that one port can serve: two groups of two machines each, a membership, and three services. */
import { startNode, valueService } from 'decoraft/server';
import { Counter } from '../examples/counter/src/counter.machine.js';
import '../examples/counter/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import '../examples/key-value/src/generated/operations.js';
import '../test/services/generated/operations.js';
import { Greeter } from '../test/services/greeter.service.js';

process.env['NODE_ENV'] ??= 'production';
const [id = '', dataDir = '', peers = ''] = process.argv.slice(2);

await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers) as Record<string, string>,
  machines: { visits: new Counter(), users: new KeyValue() },
  membership: true,
  groups: { orders: { machines: { stock: new Counter(), customers: new KeyValue() } } },
  services: {
    greeter: new Greeter(),
    host: new Greeter('welcome'),
    probe: valueService({ rssBytes: () => process.memoryUsage.rss() }),
  },
});
