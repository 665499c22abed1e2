/**
 * Measures calls, streams, the log alone, durable commands, queries, services, rings, arguments and the generator, prints their tables,
 * and writes JSON to `bench/results/`; with `--long`, also what takes more than a minute each: a restart, a follower that catches up, and a fan-out of events.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchCatchUp } from './catch-up.js';
import { benchCodegen } from './codegen.js';
import { benchDurable } from './durable.js';
import { benchFanOut } from './fan-out.js';
import { benchGroups } from './groups.js';
import { benchLog } from './log.js';
import { benchOnePort } from './one-port.js';
import { benchOverload } from './overload.js';
import { benchPositional } from './positional.js';
import { benchReads } from './reads.js';
import { benchRestart } from './restart.js';
import { rounded } from './rounded.js';
import { benchRpc } from './rpc.js';
import { benchStreams } from './streams.js';
import { benchSharding } from './sharding.js';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const HELP = `npm run bench [-- --long]

Measures remote calls, streams, the log alone, durable commands, queries, services, rings, arguments and the generator, and writes
JSON to bench/results/.

  --long  also a restart with 1,000,000 entries, and a follower that is 500,000 entries behind and catches up
          (npx tsx bench/restart.ts, npx tsx bench/catch-up.ts); each takes a minute or two, and 500 MB of disk;
          and events to 1,000 subscribers of one key (npx tsx bench/fan-out.ts), and what groups cost that have
          nothing to do (npx tsx bench/groups.ts)
  --help  this`;

const { long: isLong } = optionsOrExit();
const [loadBefore] = loadavg();

console.log('RPC calls per second, beside bare ws and msgpackr with the same batching, in one run:');
const rpc = await benchRpc({ inFlight: [1, 64, 512] });
console.table(rpc.map(rounded));

console.log(
  '100,000 items of 1 KiB to a slow reader and to a slow handler, and unary calls beside them, in ms:',
);
const streams = await benchStreams();
console.table(streams.map(rounded));

console.log(
  'Durable appends per second: 256 bytes, the log alone beside a bare loop of write and fdatasync:',
);
const log = await benchLog();
console.table(log.map(rounded));

console.log('Durable commands per second: 256-byte values, three node processes, one client process:');
const durable = await benchDurable();
console.table(durable.rows.map(rounded));
console.log(`the disk alone: ${Math.round(durable.diskSyncsPerSecond)} fdatasyncs per second`);

console.log('Queries per second by level, three node processes, one client process:');
const reads = await benchReads();
console.table(reads.map(rounded));

console.log(
  'Calls of one service while another streams 100,000 items to a slow reader on the same connection:',
);
const onePort = await benchOnePort();
console.table(onePort.map(rounded));

console.log(
  'Keys that move when one of ten members leaves or comes, in shares of the ideal, and lookups per second:',
);
const sharding = benchSharding();
console.table(sharding.moving.map(rounded));
console.log('How far shares are from their weights, at worst, in percent:');
console.table(sharding.weights.map(rounded));

console.log('Arguments by position beside the same as MessagePack, written, and read and checked, in µs:');
const positional = benchPositional();
console.table(positional.map(rounded));

console.log('The generator on 100 machines of 20 operations, beside the compiler on the same files, in ms:');
const codegen = await benchCodegen();
console.table(codegen.map(rounded));

const long = isLong ? await benchLong() : undefined;

await mkdir(RESULTS, { recursive: true });
const path = `${RESULTS}${new Date().toISOString().replaceAll(':', '-')}.json`;
const load = [loadBefore, loadavg()[0]];
const results = {
  node: process.version,
  load,
  rpc,
  streams,
  log,
  durable,
  reads,
  onePort,
  sharding,
  positional,
  codegen,
  ...long,
};
await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
console.log(`the load of the machine was ${load.map((value) => value?.toFixed(1)).join(' before, and is ')}`);
console.log(`written to ${path}`);

async function benchLong() {
  console.log(
    'A start with 1,000,000 entries and a snapshot at 900,000, beside a bare read of the same files:',
  );
  const restart = await benchRestart();
  console.table(restart.map(rounded));

  console.log('500 commands a second by the clock, while a follower gets 500,000 entries as a snapshot:');
  const catchUp = await benchCatchUp();
  console.table(catchUp.rows.map(rounded));
  console.log(`it has caught up ${catchUp.catchUpSeconds.toFixed(1)} s after its process was started`);

  console.log(
    'One event a command to 1,000 subscribers, each with its connection, beside bare ws in the same round:',
  );
  const fanOut = await benchFanOut();
  console.table(fanOut.deliveries.map(rounded));
  console.log('Commands one by one with these subscribers, and with one more whose process stands still:');
  console.table(fanOut.commands.map(rounded));

  console.log('Once, twice and ten times what three nodes serve: commands of 1 KiB to 64 KiB, by the clock:');
  const overload = await benchOverload();
  console.table(overload.map(rounded));

  console.log(
    '1, 50 and 200 groups with nothing to do on three nodes: messages between two of them, and what each node pays:',
  );
  const groups = await benchGroups();
  console.table(groups.map(rounded));
  return { restart, catchUp, fanOut, overload, groups };
}

function optionsOrExit() {
  try {
    const { values } = parseArgs({ options: { long: { type: 'boolean' }, help: { type: 'boolean' } } });
    if (!values.help) return values;
    console.log(HELP);
    return process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return process.exit(2);
  }
}
