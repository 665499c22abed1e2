import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@decoraft/base';
import { type Cluster, connect, DecoraftError } from 'decoraft/client';
import { afterAll, expect, it } from 'vitest';
import { until } from '../examples/key-value/src/node-process.js';
import { steadyPeers } from './blackbox/ports.js';
import { type Build, UpgradedNode } from './rolling-upgrade/upgraded-node.js';
import { LedgerClient as FirstClient } from './rolling-upgrade/v1/generated/ledger.client.js';
import { LedgerClient as SecondClient } from './rolling-upgrade/v2/generated/ledger.client.js';

const IDS = ['a', 'b', 'c'];
const WORKERS = 4;
const directory = mkdtempSync(join(tmpdir(), 'decoraft-upgrade-'));
const nodes = new Map<string, UpgradedNode>();
const clusters: Cluster[] = [];
let load: Load | undefined;

afterAll(async () => {
  load?.abandon();
  await Promise.all(clusters.map((cluster) => cluster.close()));
  await Promise.all([...nodes.values()].map((node) => node.end('SIGKILL')));
  await rm(directory, { recursive: true, force: true });
});

const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    (value) => `gave ${String(value)}`,
    (thrown: unknown) => DecoraftError.from(thrown).message,
  );

/** Adds one after the other, until it is stopped, and remembers what was acknowledged. */
class Load {
  readonly tried: string[] = [];
  readonly acknowledged: string[] = [];
  #isStopped = false;
  readonly #done: Promise<unknown>;

  constructor(ledger: FirstClient) {
    const work = async (worker: number): Promise<void> => {
      for (let at = 0; !this.#isStopped; at++) {
        const id = `${worker}/${at}`;
        this.tried.push(id);
        const isDone = await ledger.add(id, 1).then(
          () => true,
          () => false,
        );
        if (isDone) this.acknowledged.push(id);
      }
    };
    this.#done = Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  }

  /** Resolves when so many more were acknowledged. */
  more(count: number): Promise<void> {
    const enough = this.acknowledged.length + count;
    return until('more is acknowledged', () => this.acknowledged.length >= enough || undefined, 60_000).then(
      () => undefined,
    );
  }

  abandon(): void {
    this.#isStopped = true;
  }

  async stop(): Promise<void> {
    this.abandon();
    await this.#done;
  }
}

it('three nodes are upgraded one by one under load: one switch for all, nothing lost, nothing twice, and no way back', async () => {
  const peers = await steadyPeers(IDS, seededRandom(process.pid));
  const start = (id: string, build: Build): UpgradedNode => {
    const node = new UpgradedNode(build, { id, dataDir: join(directory, id), peers });
    nodes.set(id, node);
    return node;
  };
  const nodeOf = (id: string): UpgradedNode => nodes.get(id)!;
  const client = async (): Promise<Cluster> => {
    const cluster = await connect(Object.values(peers));
    clusters.push(cluster);
    return cluster;
  };
  await Promise.all(IDS.map((id) => start(id, 'v1').line('STARTED')));
  const [old, modern] = [await client(), await client()];
  const adding = new Load(new FirstClient(old, 'ledger'));
  load = adding;
  const ledger = new SecondClient(modern, 'ledger');
  await adding.more(50);

  // Nothing of the new version can be had before all have it, whoever leads.
  for (const [at, id] of IDS.entries()) {
    expect((await modern.info()).versions).toEqual({ ledger: 1 });
    expect(await refusal(ledger.move('all', 'ann', 1))).toMatch(/Unimplemented|SchemaMismatch/);
    expect(await refusal(ledger.add('named', 1, 'ann'))).toMatch(/InvalidArgument|SchemaMismatch/);
    await nodeOf(id).end(at === 1 ? 'SIGKILL' : 'SIGTERM');
    await start(id, 'v2').line('STARTED');
    await adding.more(50);
  }

  for (const id of IDS) {
    const isOver = async (): Promise<boolean> => (await nodeOf(id).ask('version')) === 'VERSION 2';
    await until(`${id} is at version 2`, isOver, 60_000);
  }
  await adding.more(50);
  expect((await modern.info()).versions).toEqual({ ledger: 2 });
  expect(await ledger.add('named', 5, 'ann')).toBe(5);
  expect(await ledger.move('ann', 'bob', 2)).toBe(2);

  // A node with the old build cannot go on, neither from its log nor from its snapshot; with the new one it can.
  for (const from of ['log', 'snapshot']) {
    if (from === 'snapshot') await nodeOf('b').ask('snapshot');
    await nodeOf('b').end('SIGTERM');
    const downgraded = start('b', 'v1');
    expect(await downgraded.ended()).toBe(1);
    expect(downgraded.errors).toContain('SchemaMismatch');
    expect(downgraded.errors).toContain(
      'the log holds machine ledger at version 2, and this build has Ledger at version 1: start a build with version 2 of Ledger',
    );
    await start('b', 'v2').line('STARTED');
    await adding.more(50);
  }

  await adding.stop();
  const states = async (): Promise<readonly string[]> =>
    Promise.all(IDS.map((id) => nodeOf(id).ask('state')));
  let last: readonly string[] = [];
  await until('all states are equal', async () => new Set((last = await states())).size === 1, 60_000);
  expect(new Set(last).size).toBe(1);
  const additions = await ledger.additions();
  expect(adding.acknowledged.filter((id) => additions.get(id) !== 1)).toEqual([]);
  expect([...additions.values()].filter((times) => times !== 1)).toEqual([]);
  expect([...additions.keys()].filter((id) => id !== 'named' && !adding.tried.includes(id))).toEqual([]);
  expect((await ledger.sum()) + (await ledger.sum('ann')) + (await ledger.sum('bob'))).toBe(
    additions.size - 1 + 5,
  );
}, 300_000);
