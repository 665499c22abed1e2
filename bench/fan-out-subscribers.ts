/** The subscribers of the fan-out, in one process: `fan-out-subscribers decoraft|ws ADDRESS COUNT [KEY]`. */
import { connect } from 'decoraft/client';
import { WebSocket } from 'ws';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';

const CONNECTING = 50;
const [kind = 'ws', address = '', count = '1', key = 'hot'] = process.argv.slice(2);

let left = Infinity;
process.on('message', ({ expect }: { expect: number }) => (left = expect));
const arrived = (): void => {
  left -= 1;
  if (left === 0) process.send?.({ kind: 'done' });
};

for (let made = 0; made < Number(count); made += CONNECTING) {
  const part = Math.min(CONNECTING, Number(count) - made);
  await Promise.all(Array.from({ length: part }, kind === 'ws' ? listenBare : listen));
}
process.send?.({ kind: 'ready' });

async function listen(): Promise<void> {
  const cluster = await connect([address], { connectTimeoutMs: 60_000 });
  const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 60_000 });
  await users.onKeyInserted(key, arrived);
}

async function listenBare(): Promise<void> {
  const socket = new WebSocket(`ws://${address}`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', arrived);
}
