/** One node of the cluster that keeps the membership: `node dist/node.js ID PEERS_AS_JSON`. */
import { startNode } from 'decoraft/server';

const [id = 'a', peers = '{"a":"127.0.0.1:2100"}'] = process.argv.slice(2);

await startNode({
  id,
  dataDir: ':memory:',
  peers: JSON.parse(peers) as Record<string, string>,
  machines: {},
  membership: true,
});
