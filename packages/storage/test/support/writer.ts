/**
 * A process that appends to the log in the directory of its first argument until it is killed. Says `open` once,
 * and the last index after every batch that was acknowledged.
 */
import { durableStorage } from '../../src/durable-storage.js';
import { batch, hardState, NODE_A } from './entries.js';

const IN_FLIGHT = 8;
const [directory = '', term = '1'] = process.argv.slice(2);
const log = await durableStorage(directory, { segmentBytes: 65_536 }).open({ nodeId: NODE_A });
await log.append({ entries: [], hardState: hardState(Number(term), 'a') });
process.stdout.write('open\n');

async function write(): Promise<never> {
  for (;;) {
    const first = log.lastIndex() + 1;
    const last = first + (first % 5);
    await log.append(batch(first, last, Number(term), 1 + (first % 700)));
    process.stdout.write(`${last}\n`);
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, write));
