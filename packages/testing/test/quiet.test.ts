import { expect, it, vi } from 'vitest';
import { type Check, counterModel, linearizable, simulate } from '../src/index.js';
import { counterRun } from './support/counter-run.js';
import { CounterClient } from './support/machines.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

/** Long enough for a group to come to rest between two commands. */
const THINK_MS = 2_500;

/** How many times a node came to rest. */
function rests(tell: () => void): () => Check {
  return () => {
    const resting = new Set<string>();
    return {
      stepped({ id, life, raft }) {
        const name = `${id} in life ${life}`;
        if (raft.isQuiet && !resting.has(name)) tell();
        if (raft.isQuiet) resting.add(name);
        else resting.delete(name);
      },
    };
  };
}

it.each([false, true])(
  'a group that rests loses nothing, whatever goes wrong, leases of readers %s',
  async (leaseReads) => {
    let rested = 0;
    for (let seed = 1; seed <= 5; seed++) {
      await simulate(
        counterRun({
          seed,
          thinkMs: THINK_MS,
          durationMs: 40_000,
          faultEveryMs: 3_000,
          checks: [linearizable(counterModel()), rests(() => rested++)],
          // Clocks that run apart are what leases do not bear.
          ...(leaseReads && { faults: { 'clock-drift': 0 } }),
          settings: { quiesceIdleGroups: true, leaseReads },
          workload: async ({ client, random, record }) => {
            const counter = CounterClient.of(client);
            if (random() < 0.7) await record({ kind: 'increment', by: 1 }, () => counter.add(1));
            else if (!leaseReads) await record({ kind: 'read' }, () => counter.current());
            else await record({ kind: 'read' }, () => counter.currentAt({ consistency: 'lease' }));
          },
        }),
      );
    }
    expect(rested).toBeGreaterThan(50);
  },
);
