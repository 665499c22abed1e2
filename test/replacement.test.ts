import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'decoraft/client';
import { durableStorage, forceNewCluster, planForcedCluster } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import { freePeers, NodeProcess, until } from '../examples/key-value/src/node-process.js';
import { ProcessCluster } from './support/process-cluster.js';

let cluster: ProcessCluster;
const others: NodeProcess[] = [];

beforeEach(async () => {
  cluster = await ProcessCluster.start();
});

afterEach(async () => {
  await Promise.all(others.splice(0).map((node) => node.kill()));
  await cluster.close();
});

/** A process that enters the running cluster. */
async function joining(id: string, options: Readonly<Record<string, unknown>> = {}): Promise<NodeProcess> {
  const peers = await freePeers([id]);
  const more = { join: { seeds: cluster.addresses, ...options } };
  const node = new NodeProcess(id, join(cluster.directory, id), peers, { more });
  others.push(node);
  node.start();
  return node;
}

async function roles(addresses: readonly string[] = cluster.addresses): Promise<string> {
  const { members } = await (await cluster.connect(addresses)).info();
  return members
    .map(({ id, role }) => (role === 'leader' || role === 'follower' ? id : `${id} ${role}`))
    .join(' ');
}

const untilRoles = (expected: string): Promise<boolean> =>
  until(`the members are ${expected}`, async () => (await roles().catch(() => '')) === expected);

describe('a process whose disk is gone', () => {
  it('is refused under its old name, and replaced under a new one: nothing is lost', async () => {
    const users = await cluster.users();
    for (let number = 0; number < 200; number++) await users.set(`key-${number}`, `${number}`);
    const [lost] = cluster.nodes.filter(({ id }) => id === 'c');
    if (!lost) throw new Error('there is a c');
    await lost.kill();
    await rm(lost.dataDir, { recursive: true });
    lost.start();
    await until('it gives up', () => !lost.isRunning);
    expect(lost.output).toMatch(/ClusterMismatch: c is known with another disk.*new id, replacing c/);

    const replacement = await joining('d', { replaces: 'c' });
    await untilRoles('a b d');
    const alone = await connect([replacement.address]);
    const there = new KeyValueClient(alone, 'users').with({ timeoutMs: 30_000, consistency: 'local' });
    await until('d has all', async () => (await there.get('key-199')) === '199');
    for (let number = 0; number < 200; number++) expect(await there.get(`key-${number}`)).toBe(`${number}`);
    await alone.close();
  });
});

describe('a process that is stopped by its owner', () => {
  it('hands leadership over first: the next command does not wait for an election', async () => {
    const users = await cluster.users();
    await users.set('before', '1');
    const leader = await cluster.leader();
    await leader.kill('SIGTERM');
    await users.set('after', '2');
    // Its last words: it has heard of a later term, so another has taken over while it was still there.
    const [, led, followed] =
      /is leader in term (\d+)\n.* is follower in term (\d+)\n$/.exec(leader.output) ?? [];
    expect(Number(followed)).toBeGreaterThan(Number(led));
    expect(leader.output).not.toContain('error');
  });
});

describe('the last survivor of three processes', () => {
  it('is made a cluster of its own, in two steps, and has all that was acknowledged', async () => {
    const users = await cluster.users();
    for (let number = 0; number < 100; number++) await users.set(`key-${number}`, `${number}`);
    await until('all have all', async () => {
      const { commitIndex } = await (await cluster.connect()).info();
      const applied = await Promise.all(
        cluster.nodes.map(
          async ({ address }) => (await (await cluster.connect([address])).info()).appliedIndex,
        ),
      );
      return applied.every((index) => index >= commitIndex);
    });
    await cluster.killAll();
    const [survivor] = cluster.nodes;
    if (!survivor) throw new Error('there is a first');
    const { address, dataDir, id } = survivor;
    const storage = durableStorage(dataDir);
    const { lost, token } = await planForcedCluster({ id, storage });
    expect(lost).toEqual(['b', 'c']);
    await forceNewCluster({ id, storage }, { address, token });

    survivor.start();
    const alone = await cluster.connect([address]);
    const there = new KeyValueClient(alone, 'users').with({ timeoutMs: 30_000, consistency: 'linearizable' });
    for (let number = 0; number < 100; number++) expect(await there.get(`key-${number}`)).toBe(`${number}`);
    await there.set('on', 'and on');
    expect(await roles([address])).toBe('a');
  });
});
