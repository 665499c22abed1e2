/**
 * What clients of the leader feel while a follower that is half a million entries behind is brought up by a snapshot:
 * `npx tsx bench/catch-up.ts`. Three node processes and this one, which sends commands by the clock and not when the
 * last one was answered: a leader that stands still is seen by all that would have come meanwhile.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from 'decoraft/client';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import { freePeers, NodeProcess, until } from '../examples/key-value/src/node-process.js';
import { compact, writeBeginning, writeHistory } from './history.js';
import { Pace } from './pace.js';
import { median, quantile } from './quantiles.js';
import { rounded } from './rounded.js';

const BEHIND = 500_000;
/** As many as a node keeps behind a snapshot. */
const TAIL = 10_000;
const PER_SECOND = 500;
const PHASE_MS = 8_000;
const WARM_UP_MS = 3_000;
const ROUNDS = 3;
const LIMIT_MS = 120_000;
const PROGRAM = fileURLToPath(new URL('../test/support/probed-node.mjs', import.meta.url));

const PHASES = ['one is down', 'it catches up', 'it has caught up'] as const;
type Phase = (typeof PHASES)[number];

/** One row of the table: commands by the clock, of all rounds together. */
export interface CatchUpRow {
  readonly phase: Phase;
  readonly commands: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface CatchUpResult {
  readonly rows: readonly CatchUpRow[];
  /** From the start of the process to the moment when it has applied what the leader had: the median round. */
  readonly catchUpSeconds: number;
}

export async function benchCatchUp(): Promise<CatchUpResult> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-catch-up-'));
  try {
    const peers = await freePeers();
    const template = join(directory, 'template');
    await writeTemplate(template, peers);
    const latencies: Record<Phase, number[]> = {
      'one is down': [],
      'it catches up': [],
      'it has caught up': [],
    };
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const place = join(directory, `round-${round}`);
      await cp(template, place, { recursive: true });
      seconds.push(await measure(place, peers, (phase, more) => latencies[phase].push(...more)));
      await rm(place, { recursive: true });
    }
    return {
      rows: PHASES.map((phase) => rowOf(phase, latencies[phase])),
      catchUpSeconds: median(seconds),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What the disks of a cluster hold of which `c` was away nearly from the beginning. */
async function writeTemplate(template: string, peers: Readonly<Record<string, string>>): Promise<void> {
  const directories = { a: join(template, 'a'), b: join(template, 'b') };
  await writeHistory({ peers, directories, entries: BEHIND, snapshotAt: BEHIND });
  for (const [id, place] of Object.entries(directories)) await compact(place, id, BEHIND - TAIL);
  await writeBeginning(join(template, 'c'), 'c', peers);
}

async function measure(
  directory: string,
  peers: Readonly<Record<string, string>>,
  note: (phase: Phase, latenciesMs: readonly number[]) => void,
): Promise<number> {
  const nodes = Object.keys(peers).map(
    (id) => new NodeProcess(id, join(directory, id), peers, { program: [PROGRAM] }),
  );
  const behind = nodes.find(({ id }) => id === 'c');
  if (!behind) throw new Error('there is a c');
  try {
    for (const node of nodes) if (node !== behind) node.start();
    await using cluster = await connect(Object.values(peers), { connectTimeoutMs: 30_000 });
    const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 60_000 });
    const pace = new Pace(PER_SECOND, async (number) => {
      await users.set(`key-${number % 1_000}`, 'x'.repeat(64));
    });
    await pace.whileRunning(() => pause(WARM_UP_MS));
    note('one is down', await pace.whileRunning(() => pause(PHASE_MS)));
    const startMs = performance.now();
    behind.start();
    note('it catches up', await pace.whileRunning(() => caughtUp(behind)));
    const seconds = (performance.now() - startMs) / 1_000;
    if (!behind.output.includes('a snapshot replaces the log')) throw new Error('it was sent no snapshot');
    note('it has caught up', await pace.whileRunning(() => pause(PHASE_MS)));
    return seconds;
  } catch (error) {
    const output = nodes.map((node) => `--- ${node.id}\n${node.output}`).join('\n');
    throw new Error(`${String(error)}\n${output}`, { cause: error });
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
  }
}

async function caughtUp({ address }: NodeProcess): Promise<void> {
  await using door = await connect([address], { connectTimeoutMs: LIMIT_MS });
  const probe = door.service('probe');
  // Fewer than the commands of one second: it keeps up.
  const least = BEHIND + PER_SECOND;
  await until('it has caught up', async () => Number(await probe.call('applied')) > least, LIMIT_MS);
}

function rowOf(phase: Phase, latenciesMs: readonly number[]): CatchUpRow {
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return {
    phase,
    commands: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { catchUpSeconds, rows } = await benchCatchUp();
  console.table(rows.map(rounded));
  console.log(`caught up in ${catchUpSeconds.toFixed(2)} s`);
}
