import { startNode } from 'decoraft/server';
import './generated/operations.js';
import { KeyValue } from './key-value.machine.js';
import { peers } from './peers.js';

const [id = 'a'] = process.argv.slice(2);
const node = await startNode({ id, peers, dataDir: `./data/${id}`, machines: { store: new KeyValue() } });

node.raft.on('roleChanged', ({ role }) => console.log(`${id} is ${role}`));
console.log(`${id} listens on ${node.address}, process ${process.pid}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void node.close());
