import type { ChildProcess } from 'node:child_process';
import { CURRENT_MEMBER } from 'decoraft';
import { type Cluster, connect } from 'decoraft/client';
import {
  Member,
  type MemberOptions,
  MemberRegistryClient,
  type MembershipChange,
  Observer,
  REGISTRY,
} from 'decoraft/membership';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { end, start } from '../examples/live-members/src/processes.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

async function startCluster(...ids: readonly string[]): Promise<readonly DecoraftNode[]> {
  const peers = await freePeers(ids);
  const one = (id: string): Promise<DecoraftNode> =>
    startNode({ id, dataDir: ':memory:', peers, machines: {}, membership: true });
  return (await Promise.all(ids.map(one))).map((node) => later(node));
}

async function client(nodes: readonly DecoraftNode[]): Promise<Cluster> {
  return later(await connect(nodes.map(({ address }) => address)));
}

async function observe(nodes: readonly DecoraftNode[]) {
  const observer = later(await Observer.open(await client(nodes)));
  const changes: MembershipChange[] = [];
  observer.onChange((change) => changes.push(change));
  return { observer, changes };
}

async function join(nodes: readonly DecoraftNode[], options: Partial<MemberOptions> = {}): Promise<Member> {
  return later(await Member.join(await client(nodes), { address: 'here:1', ...options }));
}

const words = (changes: readonly MembershipChange[]): readonly string[] =>
  changes.map(({ kind, version }) => `${version} ${kind}`);

describe('members of a cluster', () => {
  it('join, are seen with what they say of themselves, and leave', async () => {
    const nodes = await startCluster('a', 'b', 'c');
    const { changes, observer } = await observe(nodes);
    const member = await join(nodes, { groups: ['storage'], metadata: { zone: 'x' } });
    await observer.reached(member.version);
    expect(observer.member(member.id)).toMatchObject({ address: 'here:1', metadata: { zone: 'x' } });
    expect(observer.groupLeader('storage')?.id).toBe(member.id);
    expect(member.lease.isValid).toBe(true);
    await member.leave();
    expect(member.lease.isValid).toBe(false);
    await until('the member has left', () => observer.members.length === 0);
    expect(words(changes)).toEqual([
      '1 member-joined',
      '2 group-created',
      '3 group-member-joined',
      '4 group-leader-changed',
      '5 group-member-left',
      '6 group-leader-changed',
      '7 member-left',
    ]);
  });

  it('keep their lease as long as they beat, also through one address that does not lead', async () => {
    const nodes = await startCluster('a', 'b', 'c');
    await until('one leads', () => nodes.some(({ raft }) => raft.isLeader));
    const followers = nodes.filter(({ raft }) => !raft.isLeader).slice(0, 1);
    const member = await join(followers, { timeoutMs: 1_000 });
    const { monotonicMs } = member.lease.moment();
    await until('three timeouts have passed', () => member.lease.moment().monotonicMs - monotonicMs > 3_000);
    await until('the lease is valid', () => member.lease.isValid);
  });

  it('are replaced by whoever joins under their id', async () => {
    const nodes = await startCluster('a');
    const first = await join(nodes, { id: 'm', timeoutMs: 1_000 });
    const ends: string[] = [];
    first.on('ended', ({ reason }) => ends.push(`${CURRENT_MEMBER.get()} ${reason}`));
    const second = await join(nodes, { id: 'm', timeoutMs: 1_000 });
    expect(second.incarnation).toBeGreaterThan(first.incarnation);
    await until('the first one knows', () => first.end === 'replaced');
    expect(ends).toEqual(['m replaced']);
    expect(first.run(() => CURRENT_MEMBER.get())).toBe('m');
    const rejection = { code: 'CommandRejected', data: { code: 'NotFound' } };
    await expect(first.joinGroup('g')).rejects.toMatchObject(rejection);
    await first.leave();
    const { observer } = await observe(nodes);
    expect(observer.member('m')).toMatchObject({ incarnation: second.incarnation, isOnline: true });
  });

  it('that were removed by somebody else learn it', async () => {
    const nodes = await startCluster('a');
    const member = await join(nodes, { id: 'm', timeoutMs: 1_000 });
    await new MemberRegistryClient(await client(nodes), REGISTRY).leave('m');
    await until('it knows', () => member.end === 'removed');
  });

  it('are bound in what runs for them, and in their listeners', async () => {
    const nodes = await startCluster('a');
    const [one, other] = [await join(nodes, { id: 'one' }), await join(nodes, { id: 'other' })];
    const cluster = await client(nodes);
    const look = async (): Promise<string | undefined> => {
      await cluster.info();
      return CURRENT_MEMBER.get();
    };
    expect(await Promise.all([one.run(look), other.run(look)])).toEqual(['one', 'other']);
    const ended: unknown[] = [];
    one.on('ended', ({ reason }) => ended.push([CURRENT_MEMBER.get(), reason]));
    await other.run(() => one.close());
    expect(ended).toEqual([['one', 'closed']]);
    expect(CURRENT_MEMBER.get()).toBeUndefined();
  });

  it('are refused where the nodes keep no membership, by name', async () => {
    const peers = await freePeers(['a']);
    const node = later(await startNode({ id: 'a', dataDir: ':memory:', peers, machines: {} }));
    await expect(join([node])).rejects.toMatchObject({ code: 'NotFound' });
    await expect(Observer.open(await client([node]))).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('those who look on', () => {
  it('hear every change exactly once and in the order of the versions, whatever many members do at once', async () => {
    const nodes = await startCluster('a', 'b', 'c');
    const [first, second] = [await observe(nodes), await observe(nodes)];
    const looped: number[] = [];
    const loop = (async () => {
      for await (const { version } of first.observer) looped.push(version);
    })();
    const members = await Promise.all(
      Array.from({ length: 6 }, (_, at) => join(nodes, { id: `m${at}`, groups: ['all'] })),
    );
    await Promise.all(
      members.flatMap((member, at) =>
        Array.from({ length: 5 }, async (_, round) => {
          await member.joinGroup(`g${round % 3}`);
          if (at % 2 === 0) await member.leaveGroup(`g${round % 3}`);
        }),
      ),
    );
    const late = await observe(nodes);
    await Promise.all(members.map((member) => member.leave()));
    for (const { observer } of [first, second, late]) {
      await until('all have left', () => observer.members.length === 0);
    }
    const { version } = first.observer;
    const versions = first.changes.map((change) => change.version);
    expect(versions).toEqual(Array.from({ length: version }, (_, at) => at + 1));
    expect(second.changes).toEqual(first.changes);
    expect(late.changes).toEqual(first.changes.slice(-late.changes.length));
    expect(late.observer.view()).toEqual(first.observer.view());
    await first.observer.close();
    await loop;
    expect(looped).toEqual(versions);
  });

  it('are told of each kind of change by a listener of its own, those of groups by group', async () => {
    const nodes = await startCluster('a');
    const { changes, observer } = await observe(nodes);
    const told: MembershipChange[] = [];
    const listener = (change: MembershipChange): void => void told.push(change);
    const stops = [
      observer.onAnyMemberJoined(listener),
      observer.onAnyMemberLeft(listener),
      observer.onAnyMemberOnline(listener),
      observer.onAnyMemberOffline(listener),
      observer.onAnyGroupCreated(listener),
      observer.onAnyGroupDeleted(listener),
      ...['g', 'h'].flatMap((group) => [
        observer.onGroupMemberJoined(group, listener),
        observer.onGroupMemberLeft(group, listener),
        observer.onGroupMemberOnline(group, listener),
        observer.onGroupMemberOffline(group, listener),
        observer.onGroupLeaderChanged(group, listener),
      ]),
    ];
    const member = await join(nodes, { id: 'm', groups: ['g', 'h'] });
    await join(nodes, { id: 'm', groups: ['g'] });
    const registry = new MemberRegistryClient(await client(nodes), REGISTRY);
    await registry.deleteGroup('g');
    const { version } = await registry.leave('m');
    await observer.reached(version);
    expect(new Set(told.map(({ kind }) => kind)).size).toBe(11);
    expect(told).toEqual(changes);
    for (const stop of stops) stop();
    await observer.reached((await registry.createGroup('i')).version);
    expect(told.length).toBe(changes.length - 1);
    await member.close();
  });

  it('wait for a version no longer than they like', async () => {
    const { observer } = await observe(await startCluster('a'));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(observer.reached(99, { signal })).rejects.toThrow('enough');
    const waiting = expect(observer.reached(99)).rejects.toMatchObject({ code: 'Cancelled' });
    await observer.close();
    await waiting;
  });
});

describe('a process that is a member', () => {
  let started: ChildProcess[] = [];

  afterEach(async () => {
    await Promise.all(started.map((child) => end(child)));
    started = [];
  });

  function startMember(nodes: readonly DecoraftNode[], id: string): ChildProcess {
    const child = start('member', id, nodes.map(({ address }) => address).join(','), 'storage');
    started.push(child);
    return child;
  }

  it('is offline when it was killed, another one leads its groups, and it is online when it runs again', async () => {
    const nodes = await startCluster('a', 'b', 'c');
    const { observer } = await observe(nodes);
    const leaders: (string | undefined)[] = [];
    observer.onGroupLeaderChanged('storage', ({ leader }) => leaders.push(leader));
    const ada = startMember(nodes, 'ada');
    await until('ada is there', () => observer.member('ada'));
    startMember(nodes, 'bob');
    await until('bob is there', () => observer.member('bob'));
    const { incarnation = 0 } = observer.member('ada') ?? {};
    await end(ada);
    await until('ada is offline', () => observer.member('ada')?.isOnline === false);
    await until('bob leads', () => observer.groupLeader('storage')?.id === 'bob');
    startMember(nodes, 'ada');
    await until('ada is online', () => observer.member('ada')?.isOnline);
    expect(observer.member('ada')?.incarnation).toBeGreaterThan(incarnation);
    expect(leaders.slice(0, 2)).toEqual(['ada', 'bob']);
  });

  it('that stood still is offline, and comes online again in the same life', async () => {
    const nodes = await startCluster('a', 'b', 'c');
    const { observer } = await observe(nodes);
    const child = startMember(nodes, 'ada');
    await until('ada is there', () => observer.member('ada'));
    const { incarnation } = observer.member('ada') ?? {};
    child.kill('SIGSTOP');
    await until('ada is offline', () => observer.member('ada')?.isOnline === false);
    child.kill('SIGCONT');
    await until('ada is online', () => observer.member('ada')?.isOnline);
    expect(observer.member('ada')?.incarnation).toBe(incarnation);
  });
});
