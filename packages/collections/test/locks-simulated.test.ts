import { DecoraftError } from 'decoraft/client';
import { type Check, type Operation, simulate, type WorkloadContext } from 'decoraft/testing';
import { expect, it, vi } from 'vitest';
import { Lock } from '../src/client.js';
import { Locks } from '../src/index.js';
import { exclusive } from './support/exclusive.js';
import { mustBeFenced, Vault, VaultClient } from './support/vault.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

const NAMES = ['a', 'b'] as const;

/** Every now and then does something under a lock; gives up early, and begins a new session when needed. */
async function useLocks({ client, name: by, random, record, sleep }: WorkloadContext): Promise<void> {
  const name = NAMES[Math.floor(random() * NAMES.length)] ?? 'a';
  const lock = new Lock(client, 'locks', name);
  const waitMs = random() < 0.2 ? 0 : Math.ceil(random() * 3_000);
  try {
    const held = await record({ kind: 'acquire', name }, async () => {
      const given = await lock.acquire({ waitMs });
      return { token: given.token, given };
    });
    if (!held) return;
    const { given, token } = held;
    try {
      await sleep(random() * 50);
      await new VaultClient(client).work(name, token, `${by} ${token}`);
    } finally {
      await record({ kind: 'release', name, token }, () => given.release());
    }
  } catch (error) {
    if (!(error instanceof DecoraftError) || error.code !== 'SessionExpired') throw error;
    await client.renewSession();
  }
}

/** Looks at the end whether old tokens were kept out on every node, and whether the clients' holds were apart. */
function nothingWrong(tell: (count: number) => void): () => Check {
  return () => ({
    healed(nodes) {
      for (const { machines } of nodes) mustBeFenced(machines['vault'] as Vault);
    },
    ended: (history: readonly Operation[]) => tell(exclusive(history)),
  });
}

it('a lock has one holder at a time, whatever goes wrong, and nobody is left with what nobody waits for', async () => {
  let count = 0;
  for (let seed = 1; seed <= 4; seed++) {
    await simulate({
      seed,
      machines: { locks: () => new Locks(), vault: () => new Vault() },
      workload: useLocks,
      lastRound: async ({ client }) => {
        await client.renewSession();
        for (const name of NAMES) {
          // What was given up, in whatever moment, was taken back: nobody stands in the way for good.
          const held = await new Lock(client, 'locks', name).acquire({ waitMs: 60_000 });
          expect(await held.release()).toBe(true);
        }
      },
      checks: [nothingWrong((held) => (count += held))],
      clients: 4,
      durationMs: 15_000,
      faultEveryMs: 400,
      settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
    });
  }
  expect(count).toBeGreaterThan(50);
});
