import { connect, type Cluster } from 'decoraft/client';
import { Member, Observer } from 'decoraft/membership';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

const closing: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of closing.splice(0).toReversed()) await thing.close();
});

function later<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
  closing.push(thing);
  return thing;
}

async function startCluster(ids: readonly string[]): Promise<readonly DecoraftNode[]> {
  const peers = await freePeers(ids);
  const start = (id: string): Promise<DecoraftNode> =>
    startNode({ id, dataDir: ':memory:', peers, machines: {}, membership: true });
  return (await Promise.all(ids.map(start))).map((node) => later(node));
}

async function client(nodes: readonly DecoraftNode[]): Promise<Cluster> {
  return later(await connect(nodes.map(({ address }) => address)));
}

describe('members of a cluster', () => {
  it('join, are seen with their groups, and leave', async () => {
    const nodes = await startCluster(['a', 'b', 'c']);
    const observer = later(await Observer.open(await client(nodes)));
    const heard: string[] = [];
    observer.onChange(({ kind, version }) => heard.push(`${version} ${kind}`));
    const cluster = await client(nodes);
    const member = await Member.join(cluster, {
      address: 'here:1',
      groups: ['storage'],
      metadata: { zone: 'x' },
    });
    await observer.reached(member.version);
    expect(observer.member(member.id)).toMatchObject({
      address: 'here:1',
      isOnline: true,
      groups: ['storage'],
    });
    expect(observer.groupLeader('storage')?.id).toBe(member.id);
    await member.leave();
    await until('the member has left', () => observer.members.length === 0);
    expect(heard).toEqual([
      '1 member-joined',
      '2 group-created',
      '3 group-member-joined',
      '4 group-leader-changed',
      '5 group-member-left',
      '6 group-leader-changed',
      '7 member-left',
    ]);
  });

  it('that stop beating go offline, and come online when they join again', async () => {
    const nodes = await startCluster(['a', 'b', 'c']);
    const observer = later(await Observer.open(await client(nodes)));
    const cluster = await client(nodes);
    const options = { id: 'm', address: 'here:1', groups: ['g'], timeoutMs: 1_000 };
    const member = await Member.join(cluster, options);
    await observer.reached(member.version);
    await member.close();
    await until('it is offline', () => observer.member('m')?.isOnline === false);
    expect(observer.groupLeader('g')).toBeUndefined();
    const again = await Member.join(cluster, options);
    expect(again.incarnation).toBeGreaterThan(member.incarnation);
    await observer.reached(again.version);
    expect(observer.groupLeader('g')?.id).toBe('m');
  });
});
