import { expect, it, vi } from 'vitest';
import { type Check, simulate, type WorkloadContext } from '../src/index.js';
import { Leases, LeasesClient } from './support/leases.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const LONGEST_MS = 3_000;

async function useLeases({ client, random, record, sleep }: WorkloadContext): Promise<void> {
  const leases = LeasesClient.of(client);
  const name = NAMES[Math.floor(random() * NAMES.length)] ?? 'a';
  const ttlMs = Math.floor(random() * LONGEST_MS);
  const fence = await record({ kind: 'acquire', name }, () => leases.acquire(name, ttlMs));
  if (!fence) return;
  await sleep(random() * ttlMs);
  if (random() < 0.4) await record({ kind: 'renew', name }, () => leases.renew(name, fence, ttlMs));
  if (random() < 0.3) await record({ kind: 'release', name }, () => leases.release(name, fence));
}

/** Looks into the machines of all nodes, all the time. */
function nothingWrong(tell: (expired: number) => void): () => Check {
  return () => ({
    stepped({ id, machines }) {
      const [wrong] = (machines['leases'] as Leases).wrong;
      if (wrong !== undefined) throw new Error(`on ${id}: ${wrong}`);
    },
    healed(nodes) {
      for (const { machines } of nodes) tell((machines['leases'] as Leases).expired);
    },
    ended(history) {
      const fences = history
        .filter(({ input }) => (input as { kind: string }).kind === 'acquire')
        .flatMap(({ outcome }) => (outcome.kind === 'returned' ? [outcome.output] : []))
        .filter((fence) => fence !== 0);
      if (new Set(fences).size !== fences.length) throw new Error('two were given one lease');
    },
  });
}

it('leases expire in time and once on every node, whatever goes wrong, and without anybody who asks for it', async () => {
  let expired = 0;
  for (let seed = 1; seed <= 6; seed++) {
    await simulate({
      seed,
      machines: { leases: () => new Leases() },
      workload: useLeases,
      lastRound: async ({ client, sleep }) => {
        // What is asked does not go through the log: the leases have to expire by themselves.
        await sleep(3 * LONGEST_MS);
        expect(await LeasesClient.of(client).count()).toBe(0);
      },
      checks: [nothingWrong((count) => (expired += count))],
      faultEveryMs: 400,
      clients: 3,
      settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
    });
  }
  expect(expired).toBeGreaterThan(100);
});
