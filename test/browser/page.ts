/** What runs in the browser: a client of the key-value example, driven by `test/browser.test.ts` from outside. */
import { type Cluster, connect, DecoraftError } from 'decoraft/client';
import { KeyValueClient } from '../../examples/key-value/src/generated/key-value.client.js';

/** What was pushed to the page, in the order in which it came. */
const pushed: string[] = [];
let cluster: Cluster;
let users: KeyValueClient;

const page = {
  async connect(addresses: readonly string[]): Promise<void> {
    cluster = await connect(addresses);
    users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 30_000 });
    await users.onKeyInserted('news', (value) => pushed.push(value));
  },
  /** Each one as soon as the one before was answered. */
  async write(first: number, last: number): Promise<void> {
    for (let number = first; number <= last; number++) await users.set('news', String(number));
  },
  read: () => users.with({ consistency: 'linearizable' }).get('news'),
  pushed: () => pushed,
  close: () => cluster.close(),
  /** The code with which no connection comes to be. */
  async refusal(address: string): Promise<string> {
    try {
      await connect([address], { connectTimeoutMs: 1_000 });
      return 'connected';
    } catch (error) {
      return DecoraftError.from(error).code;
    }
  },
};

Object.assign(globalThis, { page });
