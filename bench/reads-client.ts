/** The client process of the read benchmark: `reads-client ADDRESSES_AS_JSON LEVEL IN_FLIGHT READS`. */
import { connect, type Consistency } from 'decoraft/client';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import { measureLanes } from './lanes.js';

const [addresses = '[]', level = 'local', inFlight = '1', reads = '1'] = process.argv.slice(2);
await using cluster = await connect(JSON.parse(addresses) as string[], { connectTimeoutMs: 30_000 });
const users = new KeyValueClient(cluster, 'users').with({
  consistency: level as Consistency,
  timeoutMs: 60_000,
});
const options = { inFlight: Number(inFlight), count: Number(reads) };
console.log(JSON.stringify(await measureLanes(options, (key) => users.get(key))));
