/** The client process of the durable benchmark: `durable-client ADDRESSES_AS_JSON IN_FLIGHT COMMANDS`. */
import { connect } from 'decoraft/client';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import { measureLanes } from './lanes.js';

const VALUE = 'x'.repeat(256);

const [addresses = '[]', inFlight = '1', commands = '1'] = process.argv.slice(2);
await using cluster = await connect(JSON.parse(addresses) as string[], { connectTimeoutMs: 30_000 });
const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 60_000 });
const options = { inFlight: Number(inFlight), count: Number(commands) };
console.log(JSON.stringify(await measureLanes(options, (key) => users.set(key, VALUE))));
