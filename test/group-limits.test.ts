import type { DecoraftError } from 'decoraft/client';
import { DEFAULT_GROUP_LIMITS, type GroupLimits } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const IDS = ['a', 'b', 'c'] as const;
let cluster: VirtualCluster;

afterEach(() => cluster.close());

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (error as DecoraftError).code,
  );

async function counter(): Promise<CounterClient> {
  return new CounterClient(await cluster.connect(), 'counter');
}

/** Agrees on limits through a follower, and lets all nodes hear of it. */
async function configure(limits: Partial<GroupLimits>): Promise<void> {
  const leader = await cluster.leader();
  const follower = IDS.find((id) => id !== leader) ?? 'a';
  await cluster.during(cluster.node(follower).configure(limits));
  await everywhere(limits);
}

async function everywhere(limits: Partial<GroupLimits>): Promise<void> {
  const expected = JSON.stringify({ ...DEFAULT_GROUP_LIMITS, ...limits });
  await cluster.until('all nodes have the limits', () =>
    IDS.every((id) => JSON.stringify(cluster.node(id).limits) === expected),
  );
}

describe('the limits of a group', () => {
  it('are those that its first leader was started with, whoever leads it later', async () => {
    cluster = await VirtualCluster.start({}, { limits: (id) => ({ sessions: 100 + id.charCodeAt(0) }) });
    const first = await cluster.leader();
    const agreed = { sessions: 100 + first.charCodeAt(0) };
    await everywhere(agreed);
    await cluster.stopNode(first);
    expect(await cluster.leader()).not.toBe(first);
    await cluster.pass(2_000);
    await cluster.startNode(first);
    await everywhere(agreed);
  });

  it('are the defaults where nobody said anything', async () => {
    cluster = await VirtualCluster.start();
    await cluster.leader();
    await cluster.pass(2_000);
    await everywhere({});
  });

  it('can be changed on any node, one by one, and stay through restarts and snapshots', async () => {
    cluster = await VirtualCluster.start({}, { limits: () => ({ sessions: 5_000 }) });
    await cluster.leader();
    await configure({ sessions: 5_000, timers: 77 });
    await configure({ sessions: 5_000, timers: 77, pendingEvents: 5 });
    for (const id of IDS) await cluster.during(cluster.node(id).takeSnapshot());
    for (const id of IDS) await cluster.stopNode(id);
    await Promise.all(IDS.map((id) => cluster.startNode(id)));
    await everywhere({ sessions: 5_000, timers: 77, pendingEvents: 5 });
    const hashes = (): readonly string[] =>
      IDS.map((id) => `${cluster.node(id).appliedIndex} ${cluster.node(id).stateHash}`);
    await cluster.until('all are equal', () => new Set(hashes()).size === 1);
  });

  it('that cannot be are refused by name, before anything is proposed', async () => {
    cluster = await VirtualCluster.start();
    const node = cluster.node(await cluster.leader());
    const before = node.lastIndex;
    for (const nothing of [undefined, null, 5, []]) {
      await expect(node.configure(nothing as never)).rejects.toThrow('limits of a group are no object');
    }
    await expect(node.configure({ sessions: 0 })).rejects.toThrow('InvalidArgument: limit sessions must be');
    await expect(node.configure({ session: 5 } as Partial<GroupLimits>)).rejects.toThrow(
      'session is no limit',
    );
    expect(node.lastIndex).toBe(before);
    await cluster.stopNode('a');
    const limits = (): Partial<GroupLimits> => ({ pendingEvents: 1.5 });
    await expect(VirtualCluster.start({}, { limits })).rejects.toThrow('limit pendingEvents must be');
  });
});

describe('a group that is full', () => {
  it('refuses one session more at once, and takes it when another was closed', async () => {
    cluster = await VirtualCluster.start();
    await configure({ sessions: 1 });
    const client = await cluster.connect();
    const first = new CounterClient(client, 'counter');
    const second = await counter();
    await cluster.during(first.add(1));
    expect(await cluster.during(codeOf(second.add(1)))).toBe('Overloaded');
    expect(await cluster.during(second.current())).toBe(1);
    await cluster.during(client.close());
    expect(await cluster.during(second.add(1))).toBe(2);
  });

  it('refuses one subscription more at once, and takes it when another has ended', async () => {
    cluster = await VirtualCluster.start();
    await configure({ subscriptions: 1 });
    const listener = await counter();
    const stop = await cluster.during(listener.onChanged(() => undefined));
    expect(await cluster.during(codeOf(listener.onChanged(() => undefined)))).toBe('Overloaded');
    await cluster.during(stop());
    expect(await cluster.during(codeOf(listener.onChanged(() => undefined)))).toBe('answered');
  });

  it('lets a client that asks for more at once than it may leave unanswered wait, and keeps the order', async () => {
    cluster = await VirtualCluster.start();
    await configure({ cachedReplies: 10 });
    const busy = (await counter()).with({ timeoutMs: 60_000 });
    const answers = await cluster.during(Promise.all(Array.from({ length: 1_000 }, () => busy.add(1))));
    expect(answers).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
  });
});
