/**
 * One port that serves two groups, a membership and three services: unary calls over the connection on which another
 * service streams 100,000 items to a slow reader, beside the same calls with nothing else on it.
 */
import { fileURLToPath } from 'node:url';
import type { OnePortRow } from './one-port-client.js';
import { runClient, withNodes } from './processes.js';
import { rounded } from './rounded.js';

export function benchOnePort(): Promise<readonly OnePortRow[]> {
  return withNodes({ node: 'one-port-node' }, async ([address = '']) => {
    return (await runClient('one-port-client', [address])) as readonly OnePortRow[];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table((await benchOnePort()).map(rounded));
