import { createServer } from 'node:net';
import type { Random } from '@decoraft/base';

/**
 * Below those that the system gives to whoever connects: else a node's port could be taken while the node is dead, or one
 * who connects to it then, to nobody, be connected to itself.
 */
const LEAST_PORT = 10_000;
const MOST_PORT = 30_000;
const TRIES = 100;

/** Addresses for nodes that are killed and come back. */
export async function steadyPeers(ids: readonly string[], random: Random): Promise<Record<string, string>> {
  const peers: Record<string, string> = {};
  for (const id of ids) peers[id] = `127.0.0.1:${await steadyPort(random, Object.values(peers))}`;
  return peers;
}

async function steadyPort(random: Random, taken: readonly string[]): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LEAST_PORT + Math.floor(random() * (MOST_PORT - LEAST_PORT));
    if (!taken.some((address) => address.endsWith(`:${port}`)) && (await isFree(port))) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
