import { type Cluster, connect } from 'decoraft/client';
import { Member } from 'decoraft/membership';
import { type DecoraftNode, ShardWeights, startNode } from 'decoraft/server';
import {
  followWeights,
  moved,
  type RangeMoved,
  sharded,
  ShardRing,
  ShardWeightsClient,
  slotOf,
} from 'decoraft/sharding';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { closeAll, later } from './support/later.js';

const IDS = ['a', 'b', 'c'];
const GROUPS = ['shard-0', 'shard-1', 'shard-2'];
const KEYS = Array.from({ length: 90 }, (_, at) => `user:${at}`);

let nodes: readonly DecoraftNode[];

beforeEach(async () => {
  const peers = await freePeers(IDS);
  const start = (id: string): Promise<DecoraftNode> =>
    startNode({
      id,
      dataDir: ':memory:',
      peers,
      membership: true,
      machines: { weights: new ShardWeights() },
      groups: Object.fromEntries(GROUPS.map((group) => [group, { machines: { users: new KeyValue() } }])),
    });
  nodes = (await Promise.all(IDS.map(start))).map((node) => later(node));
});

afterEach(closeAll);

async function client(): Promise<Cluster> {
  return later(await connect(nodes.map(({ address }) => address)));
}

describe('a key space over several Raft groups', () => {
  it('has each key in one of them, for every client the same one, and none of them empty', async () => {
    const [one, other] = [await client(), await client()].map((cluster) =>
      sharded(KeyValueClient, { cluster, machine: 'users', groups: GROUPS }),
    );
    if (!one || !other) throw new Error('there are two');
    expectTypeOf(one.for('user:1')).toEqualTypeOf<KeyValueClient>();
    await Promise.all(KEYS.map((key) => one.for(key).set(key, `of ${key}`)));
    const found = await Promise.all(KEYS.map((key) => other.for(key).get(key)));
    expect(found).toEqual(KEYS.map((key) => `of ${key}`));
    for (const group of GROUPS) {
      const mine = KEYS.filter((key) => one.groupOf(key) === group);
      expect(mine.length).toBeGreaterThan(10);
      const held = await Promise.all(KEYS.map((key) => one.of(group).get(key)));
      expect(KEYS.filter((_, at) => held[at] !== undefined)).toEqual(mine);
    }
    expect(one.all()).toHaveLength(3);
  });

  it('moves to more groups by its user’s hand: only the keys that the new group owns are copied', async () => {
    const cluster = await client();
    const options = { cluster, machine: 'users' };
    const before = sharded(KeyValueClient, { ...options, groups: GROUPS.slice(0, 2) });
    const after = sharded(KeyValueClient, { ...options, groups: GROUPS });
    await Promise.all(KEYS.map((key) => before.for(key).set(key, key)));
    const copied = KEYS.filter((key) => before.groupOf(key) !== after.groupOf(key));
    for (const key of copied) await after.for(key).set(key, (await before.for(key).get(key)) ?? 'lost');
    expect(new Set(copied.map((key) => after.groupOf(key)))).toEqual(new Set(['shard-2']));
    expect(copied.length).toBeLessThan((KEYS.length / 3) * 1.5);
    expect(await Promise.all(KEYS.map((key) => after.for(key).get(key)))).toEqual(KEYS);
  });

  it('follows the weights of a machine in all clients alike', async () => {
    const open = async (cluster: Cluster) =>
      later(
        await followWeights(KeyValueClient, {
          cluster,
          machine: 'users',
          groups: GROUPS,
          weights: 'weights',
        }),
      );
    const [one, other] = [await open(await client()), await open(await client())];
    const weights = new ShardWeightsClient(await client(), 'weights');
    const before = one.state.ring;
    const version = await weights.setWeight('shard-0', 0);
    await until('both know', () => [one, other].every((each) => each.version.weights === version));
    expect(KEYS.map((key) => one.groupOf(key))).toEqual(KEYS.map((key) => other.groupOf(key)));
    expect(KEYS.some((key) => one.groupOf(key) === 'shard-0')).toBe(false);
    expect(new Set(moved(before, one.state.ring).map(({ from }) => from))).toEqual(new Set(['shard-0']));
    await weights.setWeights(GROUPS.map((id) => ({ id, weight: 0 })));
    await until('nobody weighs anything', () => one.state.ring.ownerOf('k') === undefined);
    expect(() => one.for('k')).toThrow(/^Unavailable: /);
  });
});

describe('a ring over a group of the membership', () => {
  it('is the same in every client at the same version, while members come and go and weights change', async () => {
    const [mine, yours] = await Promise.all(
      [await client(), await client()].map(async (cluster) =>
        later(await ShardRing.open(cluster, { group: 'storage', weights: 'weights' })),
      ),
    );
    if (!mine || !yours) throw new Error('there are two');
    expect(mine.ownerOf('k')).toEqual({ owner: undefined, version: { membership: 0, weights: 0 } });
    /** What each has shown, by version. */
    const shown = new Map<string, Set<string>>();
    const note = (ring: ShardRing): void => {
      const owners = KEYS.map((key) => ring.ownerOf(key));
      for (const { version } of owners) expect(version).toEqual(ring.version);
      const seen = shown.get(JSON.stringify(ring.version)) ?? new Set();
      shown.set(JSON.stringify(ring.version), seen.add(JSON.stringify(owners)));
    };
    for (const ring of [mine, yours]) ring.onChange(() => note(ring));
    const keyMoves: unknown[] = [];
    mine.watchKey('user:1', ({ from, to }) => keyMoves.push([from, to]));
    const rangeMoves: RangeMoved[] = [];
    const slot = slotOf('user:1');
    mine.watchRange({ firstSlot: slot, lastSlot: slot }, (change) => rangeMoves.push(change));

    const members: Member[] = [];
    for (const id of ['m1', 'm2', 'm3']) {
      const join = { id, address: `${id}:1`, groups: ['storage'] };
      members.push(await Member.join(await client(), join));
    }
    await until('both see three', () => [mine, yours].every(({ state }) => state.ring.members.length === 3));
    const weights = new ShardWeightsClient(await client(), 'weights');
    const version = await weights.setWeights([
      { id: 'm1', weight: 3 },
      { id: 'm3', weight: 0 },
    ]);
    await until('both know', () => [mine, yours].every((ring) => ring.version.weights === version));
    expect(KEYS.map((key) => mine.ownerOf(key))).toEqual(KEYS.map((key) => yours.ownerOf(key)));
    expect(KEYS.some((key) => mine.ownerOf(key).owner === 'm3')).toBe(false);
    await members[0]?.leave();
    await until('both see two', () => [mine, yours].every(({ state }) => state.ring.members.length === 2));
    expect(new Set(KEYS.map((key) => yours.ownerOf(key).owner))).toEqual(new Set(['m2']));

    expect(shown.size).toBeGreaterThanOrEqual(5);
    for (const [at, seen] of shown) expect([at, seen.size]).toEqual([at, 1]);
    expect(keyMoves[0]).toEqual([undefined, 'm1']);
    expect(keyMoves.at(-1)).toEqual(['m1', 'm2']);
    expect(rangeMoves.map(({ ranges }) => ranges.map(({ from, to }) => [from, to])[0])).toEqual(keyMoves);
  });

  it('may leave out who is offline', async () => {
    const open = async (members: 'joined' | 'online') =>
      later(await ShardRing.open(await client(), { group: 'storage', members }));
    const [joined, online] = [await open('joined'), await open('online')];
    const member = await Member.join(await client(), {
      id: 'm',
      address: 'm:1',
      groups: ['storage'],
      timeoutMs: 1_000,
    });
    await until('both see it', () => [joined, online].every((ring) => ring.ownerOf('k').owner === 'm'));
    await member.close();
    await until('it is offline', () => online.ownerOf('k').owner === undefined);
    expect(joined.ownerOf('k').owner).toBe('m');
  });

  it('refuses options that cannot be, and weights that are none', async () => {
    const cluster = await client();
    const open = (options: object) => ShardRing.open(cluster, options as never);
    await expect(open({})).rejects.toThrow(/^InvalidArgument: ring: group is no name/);
    await expect(open({ group: 'g', members: 'all' })).rejects.toThrow(/members is 'joined' or 'online'/);
    await expect(open({ group: 'g', weights: 'no such' })).rejects.toMatchObject({ code: 'NotFound' });
    const weights = new ShardWeightsClient(cluster, 'weights');
    await expect(weights.setWeight('m', -1)).rejects.toThrow(/weight of m is 0, or a number from 0.001/);
    await expect(weights.setWeight('', 1)).rejects.toThrow(/1 to 256 characters/);
    expect(await weights.view()).toEqual({ version: 0, weights: [] });
    expect(await weights.setWeight('m', 1)).toBe(1);
    expect(await weights.setWeight('m', 1)).toBe(1);
    expect(await weights.removeWeight('m')).toBe(2);
    expect(await weights.removeWeight('m')).toBe(2);
    expect(() => sharded(KeyValueClient, { cluster, machine: 'users', groups: [] })).toThrow(
      /names of groups/,
    );
  });
});
