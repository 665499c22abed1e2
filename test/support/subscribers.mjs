/**
 * Many subscribers of one key, each with a connection and a session of its own, as one process that can be stopped:
 * `node subscribers.mjs ADDRESSES_AS_JSON COUNT KEY`. Each expects the values 0, 1, 2 and so on. Says, as messages to its
 * parent, when all are registered and, when asked, how far they are.
 */
import { connect } from 'decoraft/client';
import { KeyValueClient } from '../../examples/key-value/dist/generated/key-value.client.js';

const CONNECTING = 20;
const [addresses, count, key] = process.argv.slice(2);

const subscribers = [];
for (let made = 0; made < Number(count); made += CONNECTING) {
  await Promise.all(Array.from({ length: Math.min(CONNECTING, Number(count) - made) }, subscribe));
}
process.on('message', () => process.send(report()));
process.send({ ready: subscribers.length });

async function subscribe() {
  const cluster = await connect(JSON.parse(addresses), {
    connectTimeoutMs: 60_000,
    sessionTimeoutMs: 600_000,
  });
  const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 120_000 });
  const subscriber = { received: 0, wrong: [], status: () => 'resuming' };
  const stop = await users.onKeyInserted(key, (value) => {
    // Lost, twice, or out of order: it is another one than the next.
    if (value !== `${subscriber.received}` && subscriber.wrong.length < 5) {
      subscriber.wrong.push({ expected: subscriber.received, got: value });
    }
    subscriber.received += 1;
  });
  subscriber.status = () => stop.status.kind;
  subscribers.push(subscriber);
}

function report() {
  const received = subscribers.map((subscriber) => subscriber.received);
  return {
    least: Math.min(...received),
    most: Math.max(...received),
    wrong: subscribers.flatMap((subscriber) => subscriber.wrong),
    ended: subscribers.filter((subscriber) => subscriber.status() === 'ended').length,
  };
}
