/**
 * One server: a node of the cluster, and the page's files on a port beside it.
 * `node dist/server.js ID DATA_DIR PEERS_AS_JSON {"pagePorts":{"a":8080,…},"directory":…}`
 */
import { fileURLToPath } from 'node:url';
import { startNode } from 'decoraft/server';
import { ChatRoom } from './chat-room.machine.js';
import './generated/operations.js';
import { startPageServer } from './page-server.js';

interface More {
  /** Where each server serves the page. */
  readonly pagePorts: Readonly<Record<string, number>>;
  /** Where the bundled page is; `dist/page` when it is not said. */
  readonly directory?: string;
}

const [id = '', dataDir = '', peersText = '{}', moreText = '{}'] = process.argv.slice(2);
const peers = JSON.parse(peersText) as Record<string, string>;
const { directory = fileURLToPath(new URL('page', import.meta.url)), pagePorts } = JSON.parse(
  moreText,
) as More;

const node = await startNode({
  id,
  dataDir,
  peers,
  machines: { chat: new ChatRoom() },
  // The page of any server may talk to all of them.
  origins: Object.values(pagePorts).flatMap((port) => [
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,
  ]),
});
node.raft.on('roleChanged', ({ role }) => console.log(`${id} is ${role} in term ${node.raft.term}`));
const pages = await startPageServer({
  port: pagePorts[id] ?? 0,
  directory,
  addresses: Object.values(peers),
});
console.log(`${id} listens on ${node.address}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    pages.close();
    pages.closeAllConnections();
    void node.close();
  });
}
