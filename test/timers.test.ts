import { fileURLToPath } from 'node:url';
import { connect } from 'decoraft/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../examples/key-value/src/node-process.js';
import { LeasesClient } from '../examples/lease/src/generated/leases.client.js';
import { ProcessCluster } from './support/process-cluster.js';

const program = [fileURLToPath(new URL('support/lease-node.mjs', import.meta.url))];
/** So small that a few leases are a snapshot. */
const more = { settings: { snapshotEntries: 20, snapshotTailEntries: 5 } };

let cluster: ProcessCluster;

beforeEach(async () => {
  cluster = await ProcessCluster.start({ program, more });
});

afterEach(() => cluster.close());

interface Expired {
  readonly node: string;
  readonly name: string;
  readonly fence: number;
  readonly index: number;
  readonly ordinal: number;
}

/** All that the nodes have seen expire, over all their lives. */
function expired(): readonly Expired[] {
  return cluster.nodes.flatMap(({ id, output }) =>
    [...output.matchAll(/^EXPIRED (.*)$/gm)].map(
      ([, json = '']) => ({ node: id, ...(JSON.parse(json) as object) }) as Expired,
    ),
  );
}

async function leases(): Promise<LeasesClient> {
  return new LeasesClient(await cluster.connect(), 'leases', { timeoutMs: 60_000 });
}

/** Takes so many leases, and leaves. Gives their fences. */
async function acquire(count: number, ttlMs: number): Promise<readonly number[]> {
  const client = await leases();
  const fences: number[] = [];
  for (let number = 0; number < count; number++) {
    fences.push((await client.acquire(`lease-${number}`, 'Ada', ttlMs + number))?.fence ?? 0);
  }
  await cluster.disconnect();
  return fences;
}

/** Waits until these nodes have seen these leases expire: each at one place of the log, which is the same everywhere. */
async function untilExpired(fences: readonly number[], nodes: readonly string[]): Promise<void> {
  const seen = (node: string, fence: number): boolean =>
    expired().some((one) => one.node === node && one.fence === fence);
  try {
    await until(
      'all leases have expired',
      () => nodes.every((node) => fences.every((fence) => seen(node, fence))),
      90_000,
    );
  } catch (error) {
    throw new Error(`${String(error)}\n${cluster.output}`, { cause: error });
  }
  const places = new Set(expired().map(({ fence, index, ordinal }) => `${fence} at ${index}.${ordinal}`));
  expect(places.size).toBe(new Set(expired().map(({ fence }) => fence)).size);
  expect(cluster.output).not.toMatch(/FAILED|DIVERGED|a timer's command failed/);
}

interface Probe {
  readonly applied: number;
  readonly hash: string;
  readonly snapshot: number;
}

async function probes(): Promise<readonly Probe[]> {
  return Promise.all(
    cluster.nodes.map(async ({ address }) => {
      const door = await connect([address], { connectTimeoutMs: 30_000 });
      try {
        return (await door.service('probe').call('probe')) as Probe;
      } finally {
        await door.close();
      }
    }),
  );
}

async function untilEqual(): Promise<void> {
  const found = await until('all nodes have applied the same', async () => {
    const probed = await probes();
    return probed.every(({ applied }) => applied === probed[0]?.applied) && probed;
  });
  expect(new Set(found.map(({ hash }) => hash)).size).toBe(1);
}

const ids = (): readonly string[] => cluster.nodes.map(({ id }) => id);

it('fires where no client is left to do anything, once and at one place of the log', async () => {
  const fences = await acquire(3, 500);
  await untilExpired(fences, ids());
  await untilEqual();
  expect(await (await leases()).with({ consistency: 'linearizable' }).holderOf('lease-1')).toBeUndefined();
});

it('fires after the leader was killed that had taken the command', async () => {
  const leader = await cluster.leader();
  const fences = await acquire(3, 1_000);
  await leader.kill();
  const others = ids().filter((id) => id !== leader.id);
  await untilExpired(fences, others);
  // The one who was dead comes to the same.
  cluster.startAll();
  await untilExpired(fences, ids());
  await untilEqual();
});

it('goes on to wait through a snapshot, and a restart of all nodes from it, and fires once', async () => {
  const first = await acquire(30, 6_000);
  await until('all nodes have taken a snapshot with leases in it', async () =>
    (await probes()).every(({ snapshot }) => snapshot > 5),
  );
  await cluster.killAll();
  cluster.startAll();
  const client = await leases();
  for (let number = 30; number < 40; number++) await client.acquire(`lease-${number}`, 'Grace', 500);
  await cluster.disconnect();
  const last = Array.from({ length: 10 }, (_, at) => Math.max(...first) + 1 + at);
  // What fired before the kill is in a snapshot by now, perhaps; all others fire now, on every node.
  await until(
    'all leases have expired somewhere',
    () => {
      const seen = new Set(expired().map(({ fence }) => fence));
      return [...first, ...last].every((fence) => seen.has(fence));
    },
    90_000,
  );
  await untilExpired(last, ids());
  await untilEqual();
  const after = (await leases()).with({ consistency: 'linearizable' });
  for (let number = 0; number < 40; number++) expect(await after.holderOf(`lease-${number}`)).toBeUndefined();
});
