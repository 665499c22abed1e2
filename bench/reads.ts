import { fileURLToPath } from 'node:url';
import { connect, type Consistency } from 'decoraft/client';
import { type LanesResult, WITH_WARM_UP } from './lanes.js';
import { leaderOf, runClient, withNodes } from './processes.js';
import { medianOf } from './quantiles.js';
import { rounded } from './rounded.js';

const IN_FLIGHT = [64, 512] as const;

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
export function benchReads({ reads = 20_000, rounds: count = 3 } = {}): Promise<readonly ReadsRow[]> {
  return withNodes({ more: { settings: { leaseReads: true } } }, async (addresses) => {
    const rounds: ReadsRow[] = [];
    for (let round = 0; round < count; round++) {
      for (const inFlight of IN_FLIGHT) rounds.push(...(await measureAll(addresses, { inFlight, reads })));
    }
    return IN_FLIGHT.flatMap((inFlight) =>
      KINDS.map(({ asked, level }) =>
        medianOf(
          rounds.filter((row) => row.inFlight === inFlight && row.level === level && row.asked === asked),
          ({ ofLocal }) => ofLocal,
        ),
      ),
    );
  });
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
  const args = [JSON.stringify(asks), level, `${inFlight}`, `${reads}`];
  const result = (await runClient('reads-client', args)) as LanesResult;
  const rounds = (await roundsOf(addresses)) - before;
  const roundsPerRead = rounds / (reads * WITH_WARM_UP);
  return { level, asked, inFlight, ...result, roundsPerRead };
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

/** `npx tsx bench/reads.ts [READS [ROUNDS]]` */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [reads = 20_000, rounds = 3] = process.argv.slice(2).map(Number);
  console.table((await benchReads({ reads, rounds })).map(rounded));
}
