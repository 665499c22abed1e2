/**
 * Three nodes, three disks, one client. Half-way through the writes the leader is killed with SIGKILL; at the end
 * every acknowledged write must be on every node, and every event must have arrived once and in order.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, connect } from 'decoraft/client';
import { KeyValueClient } from './generated/key-value.client.js';
import { freePeers, NodeProcess, until } from './node-process.js';

const WRITES = 2_000;
const WRITERS = 20;

const directory = await mkdtemp(join(tmpdir(), 'decoraft-demo-'));
const peers = await freePeers();
const nodes = Object.keys(peers).map((id) => new NodeProcess(id, join(directory, id), peers));

try {
  for (const node of nodes) node.start();
  await using cluster = await connect(Object.values(peers), { connectTimeoutMs: 30_000 });
  await tellTheStory(cluster);
} catch (error) {
  for (const node of nodes) console.error(`--- output of ${node.id}\n${node.output}`);
  throw error;
} finally {
  await Promise.all(nodes.map((node) => node.kill()));
  await rm(directory, { recursive: true, force: true });
}

async function tellTheStory(cluster: Cluster): Promise<void> {
  const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 30_000 });
  const events: string[] = [];
  await users.onInserted(({ key }) => events.push(key));
  const oldLeader = await findLeader(cluster);
  console.log(`three nodes run, data in ${directory}, ${oldLeader.id} leads`);

  const acknowledged = new Set<string>();
  const writing = Promise.all(
    Array.from({ length: WRITERS }, (_, writer) => writeEvery(users, writer, acknowledged)),
  );
  await until('half of the writes are acknowledged', () => acknowledged.size >= WRITES / 2);
  await oldLeader.kill();
  console.log(`leader killed: ${oldLeader.id}, after ${acknowledged.size} acknowledged writes`);
  await writing;
  const newLeader = await findLeader(cluster, oldLeader);
  console.log(`new leader: ${newLeader.id}`);

  for (const survivor of nodes.filter((node) => node !== oldLeader)) {
    const present = await countPresent(survivor, acknowledged);
    console.log(`acknowledged writes ${present} of ${acknowledged.size} present on survivor ${survivor.id}`);
    assert(present === WRITES, `a write is missing on ${survivor.id}`);
  }

  await until('all events have arrived', () => events.length >= WRITES);
  assert(new Set(events).size === events.length, 'an event arrived twice');
  assert(inOrder(events), 'events of one writer arrived out of order');
  console.log(`events received ${events.length} of ${WRITES} in order`);

  oldLeader.start();
  const { commitIndex } = await cluster.info(newLeader.address);
  await until(`${oldLeader.id} has caught up`, async () => (await appliedIndex(oldLeader)) >= commitIndex);
  const present = await countPresent(oldLeader, acknowledged);
  assert(present === WRITES, `a write is missing on ${oldLeader.id}`);
  console.log(`old leader back and caught up: ${present} of ${WRITES} writes present on ${oldLeader.id}`);
}

/** Each writer has its own keys, one after the other: their events must come in that order. */
async function writeEvery(users: KeyValueClient, writer: number, acknowledged: Set<string>): Promise<void> {
  for (let number = writer; number < WRITES; number += WRITERS) {
    await users.set(`key-${number}`, `value-${number}`);
    acknowledged.add(`key-${number}`);
  }
}

function inOrder(events: readonly string[]): boolean {
  const nextOf = new Map<number, number>();
  return events.every((key) => {
    const number = Number(key.slice('key-'.length));
    const writer = number % WRITERS;
    const expected = nextOf.get(writer) ?? writer;
    nextOf.set(writer, number + WRITERS);
    return number === expected;
  });
}

async function findLeader(cluster: Cluster, other?: NodeProcess): Promise<NodeProcess> {
  return until('a leader is known', async () => {
    const { leader } = await cluster.info();
    return leader === other?.id ? undefined : nodes.find((node) => node.id === leader);
  });
}

/** Asks one node alone for what it has itself. */
async function countPresent(node: NodeProcess, keys: ReadonlySet<string>): Promise<number> {
  await using cluster = await connect([node.address]);
  const users = new KeyValueClient(cluster, 'users').with({ consistency: 'local' });
  const { commitIndex } = await cluster.info();
  await until(`${node.id} has applied ${commitIndex}`, async () => (await appliedIndex(node)) >= commitIndex);
  const found = await Promise.all(
    [...keys].map(async (key) => (await users.get(key)) === key.replace('key', 'value')),
  );
  return found.filter(Boolean).length;
}

async function appliedIndex(node: NodeProcess): Promise<number> {
  await using cluster = await connect([node.address]);
  return (await cluster.info()).appliedIndex;
}

function assert(condition: boolean, fact: string): void {
  if (!condition) throw new Error(`the demo failed: ${fact}`);
}
