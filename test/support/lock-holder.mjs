/** Takes a lock and holds it until it is killed: `node lock-holder.mjs ADDRESSES_AS_JSON NAME`. */
import { Lock } from '@decoraft/collections/client';
import { connect } from 'decoraft/client';

const [addresses = '[]', name = ''] = process.argv.slice(2);
const cluster = await connect(JSON.parse(addresses), { connectTimeoutMs: 30_000, sessionTimeoutMs: 5_000 });
const held = await new Lock(cluster, 'locks', name).acquire();
console.log(`token ${held.token}`);
