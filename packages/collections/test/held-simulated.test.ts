import { DecoraftError } from 'decoraft/client';
import { simulate, type Workload } from 'decoraft/testing';
import { describe, expect, it, vi } from 'vitest';
import { Barrier, BrokenBarrier, type LeaderChange, LeaderElection, Semaphore } from '../src/client.js';
import { Barriers, Elections, Semaphores } from '../src/index.js';
import { exclusive } from './support/exclusive.js';
import { mustBeFenced, Vault, VaultClient } from './support/vault.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

const UNDER_FAULTS = {
  clients: 4,
  durationMs: 15_000,
  faultEveryMs: 400,
  settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
} as const;

/** Begins a new session where the last one has ended. */
function persistent(workload: Workload): Workload {
  return async (context) => {
    try {
      await workload(context);
    } catch (error) {
      if (!(error instanceof DecoraftError) || error.code !== 'SessionExpired') throw error;
      await context.client.renewSession();
    }
  };
}

describe('whatever goes wrong', () => {
  it('an election has one leader in a term, whose terms only grow for those who watch', async () => {
    let count = 0;
    for (let seed = 1; seed <= 3; seed++) {
      await simulate({
        ...UNDER_FAULTS,
        seed,
        machines: { elections: () => new Elections(), vault: () => new Vault() },
        workload: persistent(async ({ client, name: by, random, record, sleep }) => {
          const election = new LeaderElection(client, 'elections', 'chief');
          const changes: LeaderChange[] = [];
          const watching =
            random() < 0.3 ? await election.onLeaderChanged((one) => changes.push(one)) : undefined;
          const leading = await record({ kind: 'acquire', name: 'chief' }, async () => {
            const leadership = await election.campaign({ value: by, waitMs: Math.ceil(random() * 3_000) });
            return { token: leadership.term, leadership };
          });
          if (leading) {
            const { leadership, token } = leading;
            try {
              await new VaultClient(client).work('chief', token, `${by} ${token}`);
              if (random() < 0.3) await leadership.proclaim(`${by} again`);
              await sleep(random() * 50);
            } finally {
              await record({ kind: 'release', name: 'chief', token }, () => leadership.resign());
            }
          }
          await watching?.();
          const terms = changes.flatMap((one) => (one.kind === 'led' ? [one.leader.term] : []));
          expect(terms).toEqual(terms.toSorted((one, other) => one - other));
          expect(
            changes.every((one, at) => one.kind !== 'vacant' || changes[at - 1]?.kind !== 'vacant'),
          ).toBe(true);
        }),
        lastRound: async ({ client }) => {
          await client.renewSession();
          const leadership = await new LeaderElection(client, 'elections', 'chief').campaign();
          expect(await leadership.resign()).toBe(true);
        },
        checks: [
          () => ({
            healed(nodes) {
              for (const { machines } of nodes) mustBeFenced(machines['vault'] as Vault);
            },
            ended: (history) => void (count += exclusive(history)),
          }),
        ],
      });
    }
    expect(count).toBeGreaterThan(50);
  });

  it('a semaphore gives no more permits than it has, and gets all of them back', async () => {
    const PERMITS = 3;
    let most = 0;
    for (let seed = 1; seed <= 3; seed++) {
      await simulate({
        ...UNDER_FAULTS,
        seed,
        machines: { semaphores: () => new Semaphores() },
        workload: persistent(async ({ client, random, sleep }) => {
          const semaphore = new Semaphore(client, 'semaphores', 'slots', { permits: PERMITS });
          const permits = 1 + Math.floor(random() * 2);
          const held = await semaphore.acquire({ permits, waitMs: Math.ceil(random() * 3_000) });
          try {
            const { used = 0 } = (await semaphore.state()) ?? {};
            most = Math.max(most, used);
            expect(used).toBeLessThanOrEqual(PERMITS);
            await sleep(random() * 100);
          } finally {
            await held.release();
          }
        }),
        lastRound: async ({ client }) => {
          await client.renewSession();
          // All of them at once: what was given up, in whatever moment, was taken back.
          const semaphore = new Semaphore(client, 'semaphores', 'slots', { permits: PERMITS });
          const held = await semaphore.acquire({ permits: PERMITS });
          expect(await held.release()).toBe(true);
        },
      });
    }
    expect(most).toBe(PERMITS);
  });

  it('a barrier opens for so many together, generation by generation, and lets them leave together', async () => {
    const PARTIES = 3;
    const together = new Map<number, number>();
    for (let seed = 1; seed <= 3; seed++) {
      const inside = new Map<number, number>();
      await simulate({
        ...UNDER_FAULTS,
        seed,
        machines: { barriers: () => new Barriers() },
        workload: persistent(async ({ client, random, sleep }) => {
          const barrier = new Barrier(client, 'barriers', 'gate', { parties: PARTIES });
          try {
            const party = await barrier.enter({ waitMs: Math.ceil(random() * 5_000) });
            const { generation } = party;
            inside.set(generation, (inside.get(generation) ?? 0) + 1);
            await sleep(random() * 50);
            await party.leave({ waitMs: 20_000 });
          } catch (error) {
            if (!(error instanceof BrokenBarrier)) throw error;
          }
        }),
      });
      for (const [generation, count] of inside) {
        expect(count).toBeLessThanOrEqual(PARTIES);
        together.set(seed * 1e6 + generation, count);
      }
    }
    expect([...together.values()].filter((count) => count === PARTIES).length).toBeGreaterThan(20);
  });
});
