import { SimulatedDisk } from '@decoraft/storage/simulated';
import { durableStorage } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

/** Small, so that the log soon needs a file more. */
const SEGMENT_BYTES = 4_096;

let cluster: VirtualCluster;
let disks: Map<string, SimulatedDisk>;

beforeEach(async () => {
  disks = new Map();
  cluster = await VirtualCluster.start(undefined, {
    storageOf: (id, clock) => {
      const disk = new SimulatedDisk(disks.size + 1);
      disks.set(id, disk);
      return durableStorage('/data', { disk: disk.forProcess(), segmentBytes: SEGMENT_BYTES, clock });
    },
  });
});

afterEach(async () => {
  for (const id of disks.keys()) fill(id, false);
  await cluster.close();
});

function fill(id: string, isFull: boolean): void {
  const disk = disks.get(id);
  if (!disk) throw new Error(`${id} has no disk`);
  disk.full = isFull;
}

async function counter(timeoutMs: number): Promise<CounterClient> {
  return new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs });
}

/** Enough to need several files more. */
async function addMuch(count: CounterClient, from: number): Promise<void> {
  for (let added = 1; added <= 200; added++) {
    expect(await cluster.during(count.add(1))).toBe(from + added);
  }
}

describe('a leader whose disk is full', () => {
  it('makes room for another, and follows when there is room again: every command is answered', async () => {
    const count = await counter(60_000);
    const full = await cluster.leader();
    fill(full, true);
    await addMuch(count, 0);
    const next = await cluster.leader();
    expect(next).not.toBe(full);
    expect(cluster.node(full).appliedIndex).toBeLessThan(cluster.node(next).appliedIndex);
    fill(full, false);
    await cluster.until(
      'it has caught up',
      () => cluster.node(full).appliedIndex === cluster.node(next).appliedIndex,
    );
    expect(cluster.node(full).stateHash).toBe(cluster.node(next).stateHash);
  });
});

describe('when the disks of a majority are full', () => {
  it('no command is acknowledged, and all go on when there is room again', async () => {
    const count = await counter(60_000);
    await cluster.leader();
    const [first = '', second = ''] = disks.keys();
    fill(first, true);
    fill(second, true);
    const impatient = await counter(2_000);
    let acknowledged = 0;
    const codes: unknown[] = [];
    while (codes.length < 3) {
      await cluster.during(impatient.add(1)).then(
        (value) => (acknowledged = value),
        (error: unknown) => codes.push(Reflect.get(Object(error), 'code')),
      );
    }
    for (const code of codes) expect(['Indeterminate', 'Unavailable']).toContain(code);
    fill(first, false);
    fill(second, false);
    // What nobody had an answer for may have happened, and nothing else has.
    const now = await cluster.during(count.add(0));
    expect(now).toBeGreaterThanOrEqual(acknowledged);
    expect(now).toBeLessThanOrEqual(acknowledged + codes.length);
    await addMuch(count, now);
  });
});
