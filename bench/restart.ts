/**
 * How long a node with a million entries takes to start, and what memory, beside a bare read of the same files:
 * `npx tsx bench/restart.ts`. Files are in the cache of the system, for both.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePeers } from '../examples/key-value/src/node-process.js';
import { compact, writeHistory } from './history.js';
import { median } from './quantiles.js';
import { rounded } from './rounded.js';

const ENTRIES = 1_000_000;
const SNAPSHOT_AT = 900_000;
/** As many as a node keeps behind a snapshot. */
const TAIL = 10_000;
const ROUNDS = 3;
const PROGRAM = fileURLToPath(new URL('restart-node.mjs', import.meta.url));

/** One row of the table; each figure is the median of its rounds. */
export interface RestartRow {
  /** Whether all of the log is there, or what a node keeps behind its snapshot. */
  readonly log: 'whole' | 'compacted';
  /** All files, with their unwritten ends, and with the segments that compaction left to be used again. */
  readonly megabytes: number;
  /** Until the snapshot is in the machine, and the log open. */
  readonly openSeconds: number;
  /** Until the entries behind it are applied as well. */
  readonly seconds: number;
  readonly bareSeconds: number;
  /** What of `seconds` was work, of all threads: the rest was waiting for the disk, or for other processes. */
  readonly cpuSeconds: number;
  /** Resident, of a process that has loaded everything and opened nothing. */
  readonly beforeMiB: number;
  readonly peakMiB: number;
  readonly barePeakMiB: number;
}

interface Start {
  readonly megabytes: number;
  readonly openSeconds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly beforeMiB: number;
  readonly peakMiB: number;
}

export async function benchRestart(): Promise<readonly RestartRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-restart-'));
  try {
    const peers = await freePeers(['a']);
    const [whole, compacted] = [join(directory, 'whole'), join(directory, 'compacted')];
    await writeHistory({ peers, directories: { a: whole }, entries: ENTRIES, snapshotAt: SNAPSHOT_AT });
    await cp(whole, compacted, { recursive: true });
    await compact(compacted, 'a', SNAPSHOT_AT - TAIL);
    return [await measure('whole', whole, peers), await measure('compacted', compacted, peers)];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(
  log: RestartRow['log'],
  directory: string,
  peers: Readonly<Record<string, string>>,
): Promise<RestartRow> {
  const bare: Start[] = [];
  const node: Start[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await run('bare', directory));
    node.push(await run('node', directory, `${ENTRIES}`, JSON.stringify(peers)));
  }
  const medianIn = (starts: readonly Start[], name: keyof Start): number =>
    median(starts.map((start) => start[name]));
  return {
    log,
    megabytes: medianIn(bare, 'megabytes'),
    openSeconds: medianIn(node, 'openSeconds'),
    seconds: medianIn(node, 'seconds'),
    bareSeconds: medianIn(bare, 'seconds'),
    cpuSeconds: medianIn(node, 'cpuSeconds'),
    beforeMiB: medianIn(node, 'beforeMiB'),
    peakMiB: medianIn(node, 'peakMiB'),
    barePeakMiB: medianIn(bare, 'peakMiB'),
  };
}

async function run(...args: readonly string[]): Promise<Start> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args]);
  return JSON.parse(stdout) as Start;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table((await benchRestart()).map(rounded));
