import { connect } from 'decoraft/client';
import { KeyValueClient } from './generated/key-value.client.js';
import { peers } from './peers.js';

const cluster = await connect(Object.values(peers));
const store = new KeyValueClient(cluster, 'store');

const stop = await store.onSet('greeting', (value) => console.log('pushed:', value));
const before = await store.set('greeting', `hello at ${new Date().toISOString()}`);
console.log('before:', before);
console.log('now:', await store.get('greeting'));

await stop();
await cluster.close();
