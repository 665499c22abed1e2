/** The server process of `rpc.ts`: the same method behind the RPC layer and behind the raw baseline. */
import { valueService } from '@decoraft/rpc';
import { RpcServer } from '@decoraft/rpc/server';
import { WebSocketServer } from 'ws';
import { serveRaw } from './rpc-raw.js';

const entries = new Map<string, string>();
const handlers = {
  set(key: string, value: string): string | undefined {
    const previous = entries.get(key);
    entries.set(key, value);
    return previous;
  },
};

const server = new RpcServer({ address: '127.0.0.1:0' });
server.register('entries', valueService(handlers));
await server.listen();

const raw = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
serveRaw(raw, handlers);
await new Promise((resolve) => raw.once('listening', resolve));
const bound = raw.address();
if (typeof bound !== 'object' || !bound) throw new Error('the raw server has no address');

process.send?.({ rpc: server.address, raw: `ws://127.0.0.1:${bound.port}` });
process.on('disconnect', () => process.exit());
