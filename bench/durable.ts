import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { connect } from 'decoraft/client';
import { freePeers, NodeProcess, until } from '../examples/key-value/src/node-process.js';
import { diskSyncsPerSecond } from './disk.js';

const LEVELS = [
  { inFlight: 1, commands: 2_000 },
  { inFlight: 64, commands: 40_000 },
  { inFlight: 512, commands: 80_000 },
] as const;
const ROUNDS = 3;
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/** One row of the table: durable commands of 256 bytes, three node processes and one client process. */
export interface DurableRow {
  readonly inFlight: number;
  readonly perSecond: number;
  /** Against the row with one in flight. */
  readonly speedUp: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the leader. */
  readonly commandsPerSync: number;
}

export interface DurableResult {
  readonly rows: readonly DurableRow[];
  /** What the disk does by itself, from the same run. */
  readonly diskSyncsPerSecond: number;
}

interface Statistics {
  readonly fdatasyncs: number;
  readonly appendedEntries: number;
}

type Measured = Omit<DurableRow, 'speedUp'>;

/** Runs every level in turn, `ROUNDS` times, and takes each level's median round. */
export async function benchDurable(): Promise<DurableResult> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-bench-'));
  const peers = await freePeers();
  const nodes = Object.keys(peers).map(
    (id) =>
      new NodeProcess(id, join(directory, id), peers, {
        program: ['--import', TSX, program('durable-node')],
      }),
  );
  try {
    const syncs = await diskSyncsPerSecond(directory);
    for (const node of nodes) node.start();
    const rounds: Measured[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const level of LEVELS) rounds.push(await measure(Object.values(peers), level));
    }
    const medians = LEVELS.map(({ inFlight }) => median(rounds.filter((row) => row.inFlight === inFlight)));
    const base = medians[0]?.perSecond ?? 1;
    return {
      rows: medians.map((row) => ({ ...row, speedUp: row.perSecond / base })),
      diskSyncsPerSecond: syncs,
    };
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(
  addresses: readonly string[],
  { commands, inFlight }: (typeof LEVELS)[number],
): Promise<Measured> {
  const before = await leaderStatistics(addresses);
  const args = [
    '--import',
    TSX,
    program('durable-client'),
    JSON.stringify(addresses),
    `${inFlight}`,
    `${commands}`,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const after = await leaderStatistics(addresses);
  const measured = JSON.parse(stdout) as Pick<DurableRow, 'perSecond' | 'p50Ms' | 'p99Ms'>;
  const entries = after.appendedEntries - before.appendedEntries;
  return { inFlight, ...measured, commandsPerSync: entries / (after.fdatasyncs - before.fdatasyncs) };
}

async function leaderStatistics(addresses: readonly string[]): Promise<Statistics> {
  await using cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
  const address = await until('a leader is known', async () => {
    const { leader, members } = await cluster.info();
    return members.find(({ id }) => id === leader)?.address;
  });
  await using leader = await connect([address]);
  return (await leader.service('bench').call('statistics')) as Statistics;
}

function median(rows: readonly Measured[]): Measured {
  const sorted = rows.toSorted((left, right) => left.perSecond - right.perSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
}
