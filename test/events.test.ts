import type { DecoraftError, Subscription, SubscriptionStatus } from 'decoraft/client';
import { afterEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

let cluster: VirtualCluster;

afterEach(() => cluster.close());

const upTo = (total: number): readonly number[] => Array.from({ length: total }, (_, at) => at + 1);

async function addMany(counter: CounterClient, times: number): Promise<void> {
  for (let sent = 0; sent < times; sent += 500) {
    const part = Math.min(500, times - sent);
    await cluster.during(Promise.all(Array.from({ length: part }, () => counter.add(1))));
  }
}

/** Takes `count` values of a loop, or all there are. */
async function take(values: Subscription<number>, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

describe('a subscription that is not consumed', () => {
  it('holds up no other on the same connection, and gets all of it in its own time', async () => {
    cluster = await VirtualCluster.start();
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    const slow = counter.onChanged();
    await cluster.during(slow.ready);
    const heard: number[] = [];
    await cluster.during(counter.onChanged((value) => heard.push(value)));
    await addMany(counter, 10_000);
    await cluster.until('the other has heard all', () => heard.length === 10_000);
    expect(slow.status.kind).toBe('live');
    expect(await cluster.during(take(slow, 10_000))).toEqual(upTo(10_000));
    expect(heard).toEqual(upTo(10_000));
  });

  it('ends with the reason on all replicas alike, when the group agreed to keep less; the others go on', async () => {
    cluster = await VirtualCluster.start({}, { limits: () => ({ pendingEvents: 1_000 }) });
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const slow = counter.onChanged();
    await cluster.during(slow.ready);
    const heard: number[] = [];
    const stop = await cluster.during(counter.onChanged((value) => heard.push(value)));
    // Many times what is kept: who keeps up is not ended for the time between its acknowledgements.
    await addMany(counter, 6_000);
    await cluster.until('the other has heard all', () => heard.length === 6_000);
    await cluster.until('the slow one has ended', () => slow.status.kind === 'ended');
    const status = slow.status as SubscriptionStatus & { kind: 'ended' };
    expect(status.reason?.code).toBe('SubscriptionOverflow');
    const consumed: number[] = [];
    const reading = (async () => {
      for await (const value of slow) consumed.push(value);
    })();
    const error = await cluster.during(
      reading.then(
        () => undefined,
        (thrown: DecoraftError) => thrown,
      ),
    );
    expect(error?.code).toBe('SubscriptionOverflow');
    // What had come before the end is told, in order and without a gap.
    expect(consumed).toEqual(upTo(consumed.length));
    expect(stop.status.kind).toBe('live');
    expect(heard).toEqual(upTo(6_000));
    const ids = ['a', 'b', 'c'];
    const applied = (): ReadonlySet<number> => new Set(ids.map((id) => cluster.node(id).appliedIndex));
    await cluster.until('all have applied all', () => applied().size === 1);
    expect(new Set(ids.map((id) => cluster.node(id).stateHash)).size).toBe(1);
  });
});

describe('acknowledgements', () => {
  it('of many sessions come into the log together, and seldom', async () => {
    cluster = await VirtualCluster.start();
    const users = await Promise.all(
      upTo(20).map(async () => new CounterClient(await cluster.connect(), 'counter')),
    );
    const heard = new Map<CounterClient, number>();
    for (const user of users) {
      await cluster.during(user.onChanged((value) => heard.set(user, value)));
    }
    const [writer] = users;
    if (!writer) throw new Error('nobody');
    await cluster.pass(3_000);
    const before = cluster.node('a').lastIndex;
    for (let second = 1; second <= 5; second++) {
      await cluster.during(writer.add(1));
      await cluster.pass(1_000);
    }
    expect([...heard.values()]).toEqual(users.map(() => 5));
    // Five commands, and at most an entry every quarter of a second: not one for every session and beat, of which
    // there were a hundred.
    expect(cluster.node('a').lastIndex - before - 5).toBeLessThanOrEqual(25);
  });

  it('let the replicas forget what was consumed, and a quiet cluster adds nothing to its log', async () => {
    cluster = await VirtualCluster.start();
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.onChanged(() => undefined));
    await addMany(counter, 1_000);
    await cluster.pass(3_000);
    const before = cluster.node('a').lastIndex;
    await cluster.pass(20_000);
    expect(cluster.node('a').lastIndex).toBe(before);
  });

  it('pass through a node that does not lead, for a client that reaches no other of its addresses', async () => {
    cluster = await VirtualCluster.start({}, { limits: () => ({ pendingEvents: 600 }) });
    const leader = await cluster.leader();
    const door = ['a', 'b', 'c'].find((id) => id !== leader) ?? '';
    const { network } = cluster;
    const dial: typeof network.dial = (to, events, options) =>
      to === cluster.address(door)
        ? network.dial(to, events, options)
        : Promise.reject(new Error('no way there'));
    const counter = new CounterClient(await cluster.connect({ transport: { dial } }), 'counter');
    const heard: number[] = [];
    const stop = await cluster.during(counter.onChanged((value) => heard.push(value)));
    for (let round = 1; round <= 10; round++) {
      await addMany(counter, 300);
      await cluster.until('it has heard', () => heard.length === round * 300);
      // What was consumed goes a long way to the leader, and only half of what may be pending is left meanwhile.
      await cluster.pass(500);
    }
    expect(stop.status.kind).toBe('live');
    expect(heard).toEqual(upTo(3_000));
  });

  it('that were lost with a leader are said again to the next one', async () => {
    cluster = await VirtualCluster.start({}, { limits: () => ({ pendingEvents: 600 }) });
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const heard: number[] = [];
    const stop = await cluster.during(counter.onChanged((value) => heard.push(value)));
    for (let round = 1; round <= 10; round++) {
      await addMany(counter, 500);
      await cluster.until('all is heard', () => heard.length === round * 500);
      const leader = await cluster.leader();
      await cluster.stopNode(leader);
      await cluster.leader();
      await cluster.startNode(leader);
      await cluster.until('it is served again', () => stop.status.kind === 'live');
      // No event comes with which a later position would be acknowledged: what was lost is said again by itself, with a beat.
      await cluster.pass(3_000);
    }
    expect(heard).toEqual(upTo(5_000));
  });
});

describe('the status of a subscription', () => {
  it('is resuming while nobody leads, live again behind it, and ended with the session', async () => {
    cluster = await VirtualCluster.start();
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    const told: SubscriptionStatus['kind'][] = [];
    const stop = await cluster.during(counter.onChanged(() => undefined));
    await cluster.until('it is live', () => stop.status.kind === 'live');
    stop.onStatusChanged(({ kind }) => told.push(kind));
    const leader = await cluster.leader();
    await cluster.stopNode(leader);
    await cluster.until('it is resuming', () => told.length >= 1);
    await cluster.leader();
    await cluster.until('it is live again', () => told.length >= 2);
    await cluster.startNode(leader);
    await cluster.during(client.close());
    // Whether the leader changes once more when the first one comes back is its own affair.
    expect([...told.slice(0, 2), told.at(-1)]).toEqual(['resuming', 'live', 'ended']);
    expect(stop.status).toEqual({ kind: 'ended', reason: undefined });
  });

  it('leaves a leader that hangs, when another one answers', async () => {
    cluster = await VirtualCluster.start();
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const heard: number[] = [];
    await cluster.during(counter.onChanged((value) => heard.push(value)));
    await cluster.during(counter.add(1));
    const leader = await cluster.leader();
    const other = ['a', 'b', 'c'].find((id) => id !== leader) ?? 'a';
    await cluster.during(cluster.node(leader).transferLeadership(other));
    await cluster.during(counter.add(1));
    await cluster.until('the event arrived', () => heard.length === 2);
    expect(heard).toEqual([1, 2]);
  });
});

describe('a session that ends', () => {
  it('takes all of its subscriptions with it on every node, and nobody else’s', async () => {
    cluster = await VirtualCluster.start();
    const leaving = await cluster.connect();
    const staying = new CounterClient(await cluster.connect(), 'counter');
    const left: number[] = [];
    const stayed: number[] = [];
    const gone = new CounterClient(leaving, 'counter');
    await cluster.during(gone.onChanged((value) => left.push(value)));
    await cluster.during(gone.onChanged((value) => left.push(value)));
    await cluster.during(staying.onChanged((value) => stayed.push(value)));
    await cluster.during(staying.add(1));
    await cluster.until('all have heard', () => left.length === 2 && stayed.length === 1);
    await cluster.during(leaving.close());
    await cluster.during(staying.add(1));
    await cluster.until('the other has heard', () => stayed.length === 2);
    expect(left).toEqual([1, 1]);
  });
});
