import type { Subscription } from 'decoraft/client';
import { linearizable, sequentialModel, simulate, type WorkloadContext } from 'decoraft/testing';
import { expect, it, vi } from 'vitest';
import { type ChangeOf, ReplicatedMapClient } from '../../src/client.js';
import { ReplicatedMap } from '../../src/index.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

type Input = { readonly key: string } & (
  | { readonly kind: 'get' | 'has' | 'delete' }
  | { readonly kind: 'set'; readonly value: string }
  | { readonly kind: 'compareAndSet'; readonly expected: string | undefined; readonly value: string }
);

/** One key of a map: others have no say in it. */
const model = sequentialModel<string | undefined, Input, unknown>({
  name: 'map',
  initial: () => undefined,
  apply: (state, input) => {
    switch (input.kind) {
      case 'get':
        return { state, output: state };
      case 'has':
        return { state, output: state !== undefined };
      case 'delete':
        return { state: undefined, output: state };
      case 'set':
        return { state: input.value, output: state };
      default:
        return state === input.expected ? { state: input.value, output: true } : { state, output: false };
    }
  },
  key: (state) => (state === undefined ? 'nothing' : `=${state}`),
  changesNothing: ({ kind }, output) => kind === 'get' || kind === 'has' || output === false,
  partOf: ({ key }) => key,
});

const mapOf = (client: WorkloadContext['client']): ReplicatedMapClient<string> =>
  new ReplicatedMapClient<string>(client, 'map').with({ consistency: 'linearizable' });

async function useMap({ client, name, random, record, round }: WorkloadContext): Promise<void> {
  const map = mapOf(client);
  const key = `key/${Math.floor(random() * 3)}`;
  const value = `${name}/${round}`;
  const chance = random();
  if (chance < 0.2) await record({ kind: 'has', key }, () => map.has(key));
  else if (chance < 0.4) await record({ kind: 'set', key, value }, () => map.set(key, value));
  else if (chance < 0.55) await record({ kind: 'delete', key }, () => map.delete(key));
  else {
    const expected = await record({ kind: 'get', key }, () => map.get(key));
    const input = { kind: 'compareAndSet', key, expected, value } as const;
    await record(input, () => map.compareAndSet(key, expected, value));
  }
}

it('a map is linearizable, whatever goes wrong', async () => {
  let returned = 0;
  for (let seed = 21; seed <= 23; seed++) {
    const report = await simulate({
      seed,
      machines: { map: () => new ReplicatedMap() },
      workload: useMap,
      checks: [linearizable(model)],
      durationMs: 5_000,
      faultEveryMs: 1_000,
      settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
    });
    returned += report.operations.returned;
  }
  expect(returned).toBeGreaterThan(100);
});

/** Hears all changes, as long as its subscription lasts, and holds that none is missing: versions have no gaps. */
class Watcher {
  last = 0;
  heard = 0;
  readonly #changes: Subscription<ChangeOf<string>>;

  constructor(map: ReplicatedMapClient<string>) {
    this.#changes = map.onPrefixChanged('');
    this.#changes.ready.catch(() => undefined);
  }

  get hasEnded(): boolean {
    return this.#changes.status.kind === 'ended';
  }

  async run(tell: (wrong: string) => void): Promise<void> {
    try {
      for await (const { version } of this.#changes) {
        if (this.last !== 0 && version !== this.last + 1) tell(`${version} came behind ${this.last}`);
        this.last = version;
        this.heard += 1;
      }
    } catch {
      // It has ended with a reason: that is told, and nothing is missing before.
    }
  }
}

it('who watches a prefix hears of every change, once and in order, and entries live as long as they are to', async () => {
  let heard = 0;
  let compared = 0;
  for (let seed = 31; seed <= 34; seed++) {
    const wrong: string[] = [];
    const watchers = new Map<string, Watcher>();
    await simulate({
      seed,
      machines: { map: () => new ReplicatedMap() },
      workload: async ({ client, name, random, record }) => {
        const map = mapOf(client);
        const known = watchers.get(name);
        if (!known || known.hasEnded) {
          heard += known?.heard ?? 0;
          const watcher = new Watcher(map);
          watchers.set(name, watcher);
          void watcher.run((what) => wrong.push(what));
        }
        const key = `key/${Math.floor(random() * 5)}`;
        const ttlMs = 1 + Math.floor(random() * 500);
        if (random() < 0.6) await record({ key }, () => map.set(key, name, { ttlMs }));
        else if (random() < 0.7) await record({ key }, () => map.touch(key, ttlMs));
        else await record({ key }, () => map.delete(key));
      },
      lastRound: async ({ client, name, sleep }) => {
        const map = mapOf(client);
        await sleep(1_500);
        // Nobody asks for it through the log: what has had its time goes by itself.
        expect((await map.keysPage({ prefix: 'key/' })).keys).toEqual([]);
        const watcher = watchers.get(name);
        const version = await map.setIfVersion(`last/${name}`, 0, name);
        // A client that was cut off for long asks less and less often.
        for (let round = 0; round < 30; round++) {
          if (!watcher || watcher.last >= (version ?? 0)) break;
          await sleep(1_000);
        }
        if (!watcher || watcher.hasEnded || watcher.last === 0) return;
        expect(watcher.last).toBeGreaterThanOrEqual(version ?? Infinity);
        compared += 1;
      },
      durationMs: 10_000,
      faultEveryMs: 1_000,
      settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
    });
    expect(wrong).toEqual([]);
    for (const watcher of watchers.values()) heard += watcher.heard;
  }
  expect(heard).toBeGreaterThan(300);
  expect(compared).toBeGreaterThan(2);
});
