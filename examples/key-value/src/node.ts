/** One node of the cluster, as a process: `node dist/node.js ID DATA_DIR PEERS_AS_JSON [MORE_OPTIONS_AS_JSON]`. */
import { type NodeOptions, startNode } from 'decoraft/server';
import { KeyValue } from './key-value.machine.js';
import './generated/operations.js';

const [id = 'a', dataDir = './data/a', peers = '{"a":"127.0.0.1:2100"}', more = '{}'] = process.argv.slice(2);

const node = await startNode({
  id,
  dataDir,
  peers: JSON.parse(peers) as Record<string, string>,
  machines: { users: new KeyValue() },
  ...(JSON.parse(more) as Pick<NodeOptions, 'join' | 'origins' | 'settings'>),
});
node.raft.on('roleChanged', ({ role }) => console.log(`${id} is ${role} in term ${node.raft.term}`));
console.log(`${id} listens on ${node.address}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void node.close());
