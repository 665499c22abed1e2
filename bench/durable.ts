import { connect } from 'decoraft/client';
import { diskSyncsPerSecond } from './disk.js';
import type { LanesResult } from './lanes.js';
import { leaderOf, runClient, withNodes } from './processes.js';
import { medianOf } from './quantiles.js';

const LEVELS = [
  { inFlight: 1, commands: 2_000 },
  { inFlight: 64, commands: 40_000 },
  { inFlight: 512, commands: 80_000 },
] as const;
const ROUNDS = 3;

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
export function benchDurable(): Promise<DurableResult> {
  return withNodes({}, async (addresses, directory) => {
    await leaderOf(addresses);
    const syncs = await diskSyncsPerSecond(directory);
    const rounds: Measured[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const level of LEVELS) rounds.push(await measure(addresses, level));
    }
    const medians = LEVELS.map(({ inFlight }) => {
      const level = rounds.filter((row) => row.inFlight === inFlight);
      return medianOf(level, ({ perSecond }) => perSecond);
    });
    const base = medians[0]?.perSecond ?? 1;
    return {
      rows: medians.map((row) => ({ ...row, speedUp: row.perSecond / base })),
      diskSyncsPerSecond: syncs,
    };
  });
}

async function measure(
  addresses: readonly string[],
  { commands, inFlight }: (typeof LEVELS)[number],
): Promise<Measured> {
  const before = await leaderStatistics(addresses);
  const args = [JSON.stringify(addresses), `${inFlight}`, `${commands}`];
  const measured = (await runClient('durable-client', args)) as LanesResult;
  const after = await leaderStatistics(addresses);
  const entries = after.appendedEntries - before.appendedEntries;
  return { inFlight, ...measured, commandsPerSync: entries / (after.fdatasyncs - before.fdatasyncs) };
}

async function leaderStatistics(addresses: readonly string[]): Promise<Statistics> {
  await using leader = await connect([await leaderOf(addresses)]);
  return (await leader.service('bench').call('statistics')) as Statistics;
}
