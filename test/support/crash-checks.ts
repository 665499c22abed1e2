import { connect } from 'decoraft/client';
import { until } from '../../examples/key-value/src/node-process.js';
import type { Ledger } from './crash-load.js';
import type { ProcessCluster } from './process-cluster.js';

const CATCH_UP_MS = 60_000;
const KEYS_PER_CALL = 5_000;

interface Probe {
  readonly applied: number;
  readonly hash: string;
  readonly size: number;
  readonly snapshot: number;
}

/**
 * Waits until all nodes have applied the same, and compares them with each other and with what clients were told.
 *
 * @returns What is wrong, in words; nothing when all is well.
 */
export async function violationsOf(cluster: ProcessCluster, ledger: Ledger): Promise<readonly string[]> {
  // Nodes that have differed, or ended by themselves, may never come to the same again: that would be waited for.
  const complaints = cluster.nodes.flatMap(({ id, output }) =>
    complaintsIn(output).map((line) => `${id}: ${line}`),
  );
  if (complaints.length > 0) return complaints;
  const users = await cluster.users(CATCH_UP_MS);
  // Whoever answers this has applied all that was acknowledged before; the others follow.
  const size = await users.with({ consistency: 'linearizable' }).size();
  const nodes = await Promise.all(
    cluster.nodes.map(async ({ id, address }) => {
      const door = await connect([address], { connectTimeoutMs: CATCH_UP_MS });
      return { id, door, service: door.service('probe') };
    }),
  );
  try {
    const hashes = new Map<number, Set<string>>();
    const probes = await until(
      'all nodes have applied the same',
      async () => {
        const found = await Promise.all(
          nodes.map(async ({ id, service }) => ({ id, ...((await service.call('probe')) as Probe) })),
        );
        for (const { applied, hash } of found) {
          hashes.set(applied, (hashes.get(applied) ?? new Set()).add(hash));
        }
        const isEqual = found.every((probe) => probe.applied === found[0]?.applied && probe.size >= size);
        return isEqual ? found : undefined;
      },
      CATCH_UP_MS,
    );
    const lost = await Promise.all(
      nodes.map(async ({ id, service }) => {
        const keys = await missing((some) => service.call('missing', [some]), ledger.acknowledged);
        return keys.map((key) => `${id} has lost ${key}`);
      }),
    );
    const told = { least: ledger.acknowledged.length, most: ledger.attempted };
    return [
      ...lost.flat(),
      ...ledger.twice.map((key) => `${key} was applied twice`),
      ...probes
        .filter((probe) => probe.size < told.least || probe.size > told.most)
        .map(({ id, size: has }) => `${id} has ${has} keys, not ${told.least} to ${told.most}`),
      ...[...hashes]
        .filter(([, different]) => different.size > 1)
        .map(([index, different]) => `states differ at ${index}: ${[...different].join(' ')}`),
    ];
  } finally {
    await Promise.all(nodes.map(({ door }) => door.close()));
  }
}

/** How often a node became what a snapshot of its leader says. */
export function installsIn(output: string): number {
  return output.split('a snapshot replaces the log').length - 1;
}

/** What a process prints that ended by itself, or that found the states to differ. */
function complaintsIn(output: string): readonly string[] {
  return output.split('\n').filter((line) => /^(FAILED|DIVERGED)/.test(line));
}

async function missing(
  ask: (keys: readonly string[]) => Promise<unknown>,
  keys: readonly string[],
): Promise<readonly string[]> {
  const lost: string[] = [];
  for (let at = 0; at < keys.length; at += KEYS_PER_CALL) {
    lost.push(...((await ask(keys.slice(at, at + KEYS_PER_CALL))) as string[]));
  }
  return lost;
}
