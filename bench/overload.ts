/**
 * What three node processes serve at once, twice and ten times the load that they can serve; the commands have 1 KiB to
 * 64 KiB, and begin by the clock in three client processes.
 */
import { OverloadCluster } from '../test/overload/overload-cluster.js';

const FACTORS = [1, 2, 10] as const;
const SECONDS = 15;
const CLIENTS = ['a', 'b', 'c'] as const;
const MEBIBYTE = 1024 * 1024;

/** One row of the table. */
export interface OverloadRow {
  /** Against what 64 commands in flight, begun one after the other, were served in the same run. */
  readonly offeredTimes: number;
  readonly offeredPerSecond: number;
  /** Acknowledged while the load lasted. */
  readonly servedPerSecond: number;
  /** Of those that were acknowledged, of the slowest client. */
  readonly p99Ms: number;
  /** Of one client beside them with one command at a time. */
  readonly politePerSecond: number;
  /** Ended as `Overloaded`, of all. */
  readonly overloaded: number;
  /** The most resident memory that any node had so far, in MiB. */
  readonly peakMebibytes: number;
}

export async function benchOverload(): Promise<readonly OverloadRow[]> {
  const cluster = await OverloadCluster.start({ leastBytes: 1_024, mostBytes: 65_536 });
  try {
    const [base] = await cluster.run([{ name: 'base', seconds: 5, inFlight: 64, timeoutMs: 60_000 }]);
    const capacity = base?.perSecond ?? 0;
    const rows: OverloadRow[] = [];
    for (const times of FACTORS) rows.push(await measure(cluster, times, capacity));
    return rows;
  } finally {
    await cluster.close();
  }
}

async function measure(cluster: OverloadCluster, times: number, capacity: number): Promise<OverloadRow> {
  const perSecond = (times * capacity) / CLIENTS.length;
  const served = await cluster.run([
    ...CLIENTS.map((name) => ({ name: `${name}${times}`, seconds: SECONDS, perSecond, timeoutMs: 5_000 })),
    { name: `polite${times}`, seconds: SECONDS, inFlight: 1, timeoutMs: 60_000 },
  ]);
  const greedy = served.slice(0, CLIENTS.length);
  const sum = (of: (one: (typeof served)[number]) => number): number =>
    greedy.reduce((total, one) => total + of(one), 0);
  const states = await cluster.states();
  return {
    offeredTimes: times,
    offeredPerSecond: sum(({ offered }) => offered) / SECONDS,
    servedPerSecond: sum((one) => one.perSecond),
    p99Ms: Math.max(...greedy.map(({ p99Ms }) => p99Ms)),
    politePerSecond: served.at(-1)?.perSecond ?? 0,
    overloaded: sum(({ ends }) => ends['Overloaded'] ?? 0),
    peakMebibytes: Math.max(...states.map(({ peak }) => peak)) / MEBIBYTE,
  };
}
