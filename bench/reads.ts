import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { connect, type Consistency } from 'decoraft/client';
import { freePeers, NodeProcess, until } from '../examples/key-value/src/node-process.js';
import { rounded } from './rounded.js';

const IN_FLIGHT = [64, 512] as const;
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/** What is read, and of whom. */
const KINDS = [
  { level: 'local', asked: 'all' },
  { level: 'session', asked: 'all' },
  { level: 'lease', asked: 'leader' },
  { level: 'linearizable', asked: 'all' },
  { level: 'linearizable', asked: 'leader' },
] as const satisfies readonly { readonly level: Consistency; readonly asked: 'all' | 'leader' }[];
type Kind = (typeof KINDS)[number];

/** One row of the table: reads of one client process, from three node processes or their leader alone. */
export interface ReadsRow {
  readonly level: Consistency;
  readonly asked: 'all' | 'leader';
  readonly inFlight: number;
  readonly perSecond: number;
  /** Against `local` reads of the same round. */
  readonly ofLocal: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Rounds of heartbeats that began for a read. */
  readonly roundsPerRead: number;
}

type Measured = Omit<ReadsRow, 'ofLocal'>;

/** Runs every kind in turn, some rounds, and takes each kind's median round. */
export async function benchReads({ reads = 20_000, rounds: count = 3 } = {}): Promise<readonly ReadsRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-bench-'));
  const peers = await freePeers();
  const more = { settings: { leaseReads: true } };
  const nodes = Object.keys(peers).map(
    (id) =>
      new NodeProcess(id, join(directory, id), peers, {
        program: ['--import', TSX, program('durable-node')],
        more,
      }),
  );
  try {
    for (const node of nodes) node.start();
    const addresses = Object.values(peers);
    const rounds: ReadsRow[] = [];
    for (let round = 0; round < count; round++) {
      for (const inFlight of IN_FLIGHT) rounds.push(...(await measureAll(addresses, { inFlight, reads })));
    }
    return IN_FLIGHT.flatMap((inFlight) =>
      KINDS.map(({ asked, level }) =>
        median(
          rounds.filter((row) => row.inFlight === inFlight && row.level === level && row.asked === asked),
        ),
      ),
    );
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
    await rm(directory, { recursive: true, force: true });
  }
}

interface Load {
  readonly inFlight: number;
  readonly reads: number;
}

async function measureAll(addresses: readonly string[], load: Load): Promise<readonly ReadsRow[]> {
  const measured: Measured[] = [];
  for (const kind of KINDS) measured.push(await measure(addresses, kind, load));
  const local = measured[0]?.perSecond ?? 1;
  return measured.map((row) => ({ ...row, ofLocal: row.perSecond / local }));
}

async function measure(
  addresses: readonly string[],
  kind: Kind,
  { inFlight, reads }: Load,
): Promise<Measured> {
  const { asked, level } = kind;
  const leader = await leaderOf(addresses);
  const asks = asked === 'leader' ? [leader] : addresses;
  const before = await roundsOf(addresses);
  const args = ['--import', TSX, program('reads-client'), JSON.stringify(asks), level];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, `${inFlight}`, `${reads}`]);
  const rounds = (await roundsOf(addresses)) - before;
  // The client reads a quarter more, to warm up.
  const roundsPerRead = rounds / (reads * 1.25);
  const result = JSON.parse(stdout) as Pick<ReadsRow, 'perSecond' | 'p50Ms' | 'p99Ms'>;
  return { level, asked, inFlight, ...result, roundsPerRead };
}

async function leaderOf(addresses: readonly string[]): Promise<string> {
  await using cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
  return await until('a leader is known', async () => {
    const { leader, members } = await cluster.info();
    return members.find(({ id }) => id === leader)?.address;
  });
}

/** Rounds of heartbeats that began for reads on any node. */
async function roundsOf(addresses: readonly string[]): Promise<number> {
  let rounds = 0;
  for (const address of addresses) {
    await using node = await connect([address]);
    rounds += (await node.service('bench').call('readRounds')) as number;
  }
  return rounds;
}

function median(rows: readonly ReadsRow[]): ReadsRow {
  const sorted = rows.toSorted((left, right) => left.ofLocal - right.ofLocal);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
}

/** `npx tsx bench/reads.ts [READS [ROUNDS]]` */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [reads = 20_000, rounds = 3] = process.argv.slice(2).map(Number);
  console.table((await benchReads({ reads, rounds })).map(rounded));
}
