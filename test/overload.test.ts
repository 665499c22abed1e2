/**
 * Ten times the load that a cluster can serve, from processes that begin commands by the clock, on nodes with little
 * memory. Their disks are slow and their limits are small, so that little is too much for them: this test shares its
 * machine with others. `OVERLOAD_SECONDS` makes it longer than 5 s. How much real nodes serve meanwhile is a measurement:
 * `bench/overload.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { encodeProposal } from '@decoraft/protocol';
import { type Cluster, connect } from 'decoraft/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../examples/key-value/src/node-process.js';
import {
  type NodeState,
  OverloadCluster,
  type OverloadOptions,
  type Served,
} from './overload/overload-cluster.js';
import { RawConnection } from './overload/slow-reader.js';
import { callOf } from './overload/tally.mjs';

const SECONDS = Number(process.env['OVERLOAD_SECONDS'] ?? 5);
const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
/** Of a node at its worst: some 90 MiB at the start, 16 that wait to be read, and what a few turns leave until it is collected. */
const MOST_BYTES = 220 * MEBIBYTE;
const OPTIONS: OverloadOptions = {
  flushMs: 40,
  lifeMs: 600_000 + SECONDS * 2_000,
  leastBytes: 256,
  mostBytes: 4 * KIBIBYTE,
  settings: {
    maxPendingProposals: 64,
    maxPendingProposalBytes: 256 * KIBIBYTE,
    maxClientProposals: 32,
    maxClientProposalBytes: 128 * KIBIBYTE,
    maxPendingReads: 1_024,
    maxPendingReadBytes: MEBIBYTE,
  },
  limits: {
    maxBufferedBytes: 4 * MEBIBYTE,
    maxServerBufferedBytes: 16 * MEBIBYTE,
    maxServerCalls: 4_096,
    maxServerCallBytes: 16 * MEBIBYTE,
  },
  window: { maxOpen: 4_096, maxOpenBytes: 8 * MEBIBYTE },
};
/** Long enough for whatever else this machine does at the time. */
const PATIENT = { timeoutMs: 90_000 };

let overload: OverloadCluster;
let cluster: Cluster;

beforeAll(async () => {
  overload = await OverloadCluster.start(OPTIONS);
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

function expectBounded(states: readonly NodeState[]): void {
  for (const { peak } of states) expect(peak).toBeLessThan(MOST_BYTES);
  expect(overload.processes.output).not.toContain('FAILED');
  expect(overload.processes.nodes.every(({ isRunning }) => isRunning)).toBe(true);
}

/** The nodes have read what they read at all of what they were asked. */
async function allIsRead(): Promise<void> {
  let before = -1;
  await until('they read nothing more', async () => {
    await pause(100);
    const states = await overload.states();
    const asked = states.reduce((sum, state) => sum + state.asked, 0);
    const isSame = asked === before;
    before = asked;
    return isSame;
  });
}

const shown = (states: readonly NodeState[]): string =>
  states
    .map(({ peak, rss }) => `${Math.round(rss / MEBIBYTE)} (at most ${Math.round(peak / MEBIBYTE)})`)
    .join(', ');

describe('a cluster of nodes with little memory', () => {
  it(
    'stays up under ten times its load, answers a polite client beside it, and does all that it acknowledged once',
    async () => {
      const before = await overload.run([{ name: 'before', seconds: 2, inFlight: 64, timeoutMs: 60_000 }]);
      const capacity = Math.max(50, before[0]?.perSecond ?? 0);
      const names = ['greedy-1', 'greedy-2', 'greedy-3'];
      const during = await overload.run([
        ...names.map((name) => ({
          name,
          seconds: SECONDS,
          perSecond: (10 * capacity) / 3,
          timeoutMs: 3_000,
        })),
        { name: 'polite', seconds: SECONDS, inFlight: 1, timeoutMs: 60_000 },
      ]);
      const after = await overload.run([{ name: 'after', seconds: 2, inFlight: 64, timeoutMs: 60_000 }]);
      const served = [...before, ...during, ...after];
      const states = await overload.states();
      for (const { acknowledged, ends, name, offered, p99Ms, perSecond } of served) {
        console.log(name, { offered, acknowledged: acknowledged.length, perSecond, p99Ms, ends });
      }
      console.log(`resident MiB of the nodes: ${shown(states)}`);
      expectBounded(states);
      for (const { acknowledged, ends, name } of served) {
        if (names.includes(name)) continue;
        expect([name, ends]).toEqual([name, {}]);
        expect(acknowledged.length).toBeGreaterThan(0);
      }
      expect(during.some(({ ends }) => (ends['Overloaded'] ?? 0) > 0)).toBe(true);
      expect(states.some(({ refused }) => refused > 0)).toBe(true);
      await expectExactlyOnce(served);
    },
    240_000 + SECONDS * 2_000,
  );

  it('forgets clients that ask and never read', async () => {
    const readers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => RawConnection.open(overload.addresses[at % 3] ?? '')),
    );
    for (const reader of readers) reader.stopReading();
    for (let number = 1; number <= 10; number++) {
      for (const reader of readers) {
        reader.ask(150, 32_768, 'local');
        reader.ask(20, 32_768, 'linearizable');
      }
      await cluster.command(callOf('add', 'beside readers', number, ''), PATIENT);
    }
    await allIsRead();
    for (const reader of readers) reader.close();
    const states = await overload.states();
    console.log(`resident MiB of the nodes: ${shown(states)}`);
    expectBounded(states);
  }, 180_000);

  it('forgets clients that ask 2,000 times and go', async () => {
    const proposal = encodeProposal({ kind: 'open-session', timeoutMs: 5_000 });
    for (const [round, address] of overload.addresses.entries()) {
      for (let left = 2; left > 0; left--) {
        const connection = await RawConnection.open(address);
        connection.propose(1_000, proposal);
        connection.ask(1_000, 10, 'linearizable');
        await pause(20);
        connection.close();
      }
      await cluster.command(callOf('add', 'beside those', round, ''), PATIENT);
    }
    expectBounded(await overload.states());
  }, 180_000);
});
