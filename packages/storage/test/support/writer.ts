/**
 * A process that appends to the log in the directory of its first argument until it is killed, and takes snapshots
 * and compacts it beside that. Says `open` once, and the last index after every batch that was acknowledged.
 */
import { durableStorage } from '../../src/durable-storage.js';
import { at, batch, hardState, NODE_A } from './entries.js';
import { save, snapshot } from './snapshots.js';

const IN_FLIGHT = 8;
const ENTRIES_PER_SNAPSHOT = 30;
const KEPT_ENTRIES = 10;
const SNAPSHOT_BYTES = 20_000;
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
    await compact(last);
  }
}

async function compact(appended: number): Promise<void> {
  if (appended < (log.snapshot()?.index ?? 0) + ENTRIES_PER_SNAPSHOT) return;
  await save(log, snapshot(appended, Number(term), SNAPSHOT_BYTES));
  await log.compact(at(appended - KEPT_ENTRIES));
}

await Promise.all(Array.from({ length: IN_FLIGHT }, write));
