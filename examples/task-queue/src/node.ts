/** One node of the cluster, as a process: `node dist/node.js ID DATA_DIR PEERS_AS_JSON`. */
import { Queues } from '@decoraft/collections';
import { startNode } from 'decoraft/server';
import './generated/operations.js';
import { Results } from './results.machine.js';

const [id = 'a', dataDir = './data/a', peers = '{"a":"127.0.0.1:2100"}'] = process.argv.slice(2);

const node = await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers) as Record<string, string>,
  machines: { queues: new Queues(), results: new Results() },
});
console.log(`${id} listens on ${node.address}`);
