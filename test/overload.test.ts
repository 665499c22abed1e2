/**
 * Ten times the load that a cluster can serve, from processes that begin commands by the clock, on nodes with little
 * memory. `OVERLOAD_SECONDS` makes it longer than 15 s. How fast it is meanwhile is a measurement: `bench/overload.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { encodeProposal } from '@decoraft/protocol';
import { type Cluster, connect } from 'decoraft/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Memory, OverloadCluster, type Served } from './overload/overload-cluster.js';
import { RawConnection } from './overload/slow-reader.js';
import { callOf } from './overload/tally.mjs';

const SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 15);
const MEBIBYTE = 1024 * 1024;
/**
 * Of a node at its worst: some 90 MiB at the start, 128 of heap, 128 that wait to be read (`maxServerBufferedBytes`), and
 * several copies of what a second of this load is.
 */
const MOST_BYTES = 480 * MEBIBYTE;
/** Long enough for whatever else this machine does at the time. */
const PATIENT = { timeoutMs: 90_000 };

let overload: OverloadCluster;
let cluster: Cluster;

beforeAll(async () => {
  overload = await OverloadCluster.start();
  cluster = await connect(overload.addresses, { connectTimeoutMs: 30_000 });
});

afterAll(async () => {
  await cluster.close();
  await overload.close();
});

/** Everything acknowledged is there, and nothing was done twice. */
async function expectExactlyOnce(served: readonly Served[]): Promise<void> {
  for (const { acknowledged, name } of served) {
    const found = await cluster.query(callOf('missing', name, acknowledged), {
      ...PATIENT,
      consistency: 'linearizable',
    });
    expect(found).toEqual({ missing: [], twice: 0 });
  }
}

function expectBounded(memory: readonly Memory[]): void {
  for (const { peak } of memory) expect(peak).toBeLessThan(MOST_BYTES);
  expect(overload.processes.output).not.toContain('FAILED');
  expect(overload.processes.nodes.every(({ isRunning }) => isRunning)).toBe(true);
}

const shown = (memory: readonly Memory[]): string =>
  memory
    .map(({ peak, rss }) => `${Math.round(rss / MEBIBYTE)} (at most ${Math.round(peak / MEBIBYTE)})`)
    .join(', ');

describe('a cluster of nodes with little memory', () => {
  it(
    'stays up under ten times its load, answers a polite client beside it, and does all that it acknowledged once',
    async () => {
      const before = await overload.run([{ name: 'before', seconds: 3, inFlight: 64, timeoutMs: 60_000 }]);
      const capacity = Math.max(50, before[0]?.perSecond ?? 0);
      const names = ['greedy-1', 'greedy-2', 'greedy-3'];
      const during = await overload.run([
        ...names.map((name) => ({
          name,
          seconds: SECONDS,
          perSecond: (10 * capacity) / 3,
          timeoutMs: 5_000,
        })),
        { name: 'polite', seconds: SECONDS, inFlight: 1, timeoutMs: 60_000 },
      ]);
      const after = await overload.run([{ name: 'after', seconds: 3, inFlight: 64, timeoutMs: 60_000 }]);
      const served = [...before, ...during, ...after];
      const memory = await overload.memory();
      for (const { acknowledged, ends, name, offered, p99Ms, perSecond } of served) {
        console.log(name, { offered, acknowledged: acknowledged.length, perSecond, p99Ms, ends });
      }
      console.log(`resident MiB of the nodes: ${shown(memory)}`);
      expectBounded(memory);
      for (const { acknowledged, ends, name } of served) {
        if (names.includes(name)) continue;
        expect([name, ends]).toEqual([name, {}]);
        expect(acknowledged.length).toBeGreaterThan(0);
      }
      expect(during.some(({ ends }) => (ends['Overloaded'] ?? 0) > 0)).toBe(true);
      await expectExactlyOnce(served);
    },
    240_000 + SECONDS * 2_000,
  );

  it('forgets clients that ask and never read', async () => {
    const readers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => RawConnection.open(overload.addresses[at % 3] ?? '')),
    );
    for (const reader of readers) {
      reader.stopReading();
      reader.ask(800, 65_536, 'local');
      reader.ask(200, 65_536, 'linearizable');
    }
    for (let number = 1; number <= 10; number++) {
      await cluster.command(callOf('add', 'beside readers', number, ''), PATIENT);
      await pause(50);
    }
    for (const reader of readers) reader.close();
    const memory = await overload.memory();
    console.log(`resident MiB of the nodes: ${shown(memory)}`);
    expectBounded(memory);
  }, 180_000);

  it('forgets clients that ask 10,000 times and go', async () => {
    const proposal = encodeProposal({ kind: 'open-session', timeoutMs: 5_000 });
    for (const [round, address] of overload.addresses.entries()) {
      for (let left = 2; left > 0; left--) {
        const connection = await RawConnection.open(address);
        connection.propose(5_000, proposal);
        connection.ask(5_000, 10, 'linearizable');
        await pause(20);
        connection.close();
      }
      await cluster.command(callOf('add', 'beside those', round, ''), PATIENT);
    }
    expectBounded(await overload.memory());
  }, 180_000);
});
