/** Measures calls, the log alone and durable commands, prints three tables, and writes JSON to `bench/results/`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { benchDurable } from './durable.js';
import { benchLog } from './log.js';
import { benchRpc } from './rpc.js';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));

console.log('RPC calls per second, beside bare ws and msgpackr with the same batching, in one run:');
const rpc = await benchRpc({ inFlight: [1, 64, 512] });
console.table(rpc.map(rounded));

console.log(
  'Durable appends per second: 256 bytes, the log alone beside a bare loop of write and fdatasync:',
);
const log = await benchLog();
console.table(log.map(rounded));

console.log('Durable commands per second: 256-byte values, three node processes, one client process:');
const durable = await benchDurable();
console.table(durable.rows.map(rounded));
console.log(`the disk alone: ${Math.round(durable.diskSyncsPerSecond)} fdatasyncs per second`);

await mkdir(RESULTS, { recursive: true });
const path = `${RESULTS}${new Date().toISOString().replaceAll(':', '-')}.json`;
await writeFile(path, `${JSON.stringify({ node: process.version, rpc, log, durable }, null, 2)}\n`);
console.log(`written to ${path}`);

/** Three digits are all that a shared machine can tell. */
function rounded(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(3)) : value,
    ]),
  );
}
