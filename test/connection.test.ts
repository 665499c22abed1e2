import { getEventListeners } from 'node:events';
import {
  type Cluster,
  connect,
  type ConnectionStatus,
  type ConnectOptions,
  DecoraftError,
} from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

let cluster: VirtualCluster;

beforeEach(async () => {
  cluster = await VirtualCluster.start();
});

afterEach(() => cluster.close());

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => DecoraftError.from(error).code,
  );

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  );

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A client whose network can be cut, and the cut. */
async function connectThroughSwitch(): Promise<{ client: Cluster; cut(isCut: boolean): void }> {
  let isCut = false;
  const { network } = cluster;
  const transport: NonNullable<ConnectOptions['transport']> = {
    dial: (address, events, options) =>
      isCut ? Promise.reject(new Error('cut off')) : network.dial(address, events, options),
  };
  const client = await cluster.connect({ transport });
  return {
    client,
    cut(now) {
      isCut = now;
      if (now) for (const id of ['a', 'b', 'c']) network.sever(cluster.address(id));
    },
  };
}

const stopAllBut = async (one: string): Promise<void> => {
  for (const id of ['a', 'b', 'c']) if (id !== one) await cluster.stopNode(id);
};

describe('the status of a connection', () => {
  it('says when no node can be asked, and finds back by itself, without a call', async () => {
    const { client, cut } = await connectThroughSwitch();
    const told: string[] = [];
    client.on('statusChanged', ({ previous, reason, status }) =>
      told.push(`${previous} → ${status}${reason ? `: ${reason.code}` : ''}`),
    );
    expect(client.status).toBe('connected');
    cut(true);
    await cluster.until('it is noticed', () => client.status === 'reconnecting');
    await cluster.pass(5_000);
    cut(false);
    await cluster.until('it is back', () => client.status === 'connected');
    await cluster.during(client.close());
    expect(client.status).toBe('closed');
    expect(told).toEqual([
      'connected → reconnecting: Unavailable',
      'reconnecting → connected',
      'connected → closed',
    ]);
  });

  it('stays as it is while one node can be asked', async () => {
    const client = await cluster.connect();
    await cluster.stopNode(await cluster.leader());
    await cluster.pass(5_000);
    expect(client.status).toBe('connected');
  });

  it('is a loop from the status now to the end', async () => {
    const { client, cut } = await connectThroughSwitch();
    const seen: ConnectionStatus[] = [];
    const reading = (async () => {
      for await (const status of client.statusChanges()) seen.push(status);
    })();
    cut(true);
    await cluster.until('it is noticed', () => seen.includes('reconnecting'));
    cut(false);
    await cluster.until('it is back', () => seen.at(-1) === 'connected');
    await cluster.during(client.drain());
    await cluster.during(reading);
    expect(seen).toEqual(['connected', 'reconnecting', 'connected', 'draining', 'closed']);
    for await (const status of client.statusChanges()) expect(status).toBe('closed');
  });

  it('loop ends by its signal, with its reason, and leaves nothing on it', async () => {
    const client = await cluster.connect();
    const controller = new AbortController();
    const reading = (async () => {
      for await (const status of client.statusChanges(controller)) expect(status).toBe('connected');
    })();
    await turns(2);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await cluster.during(thrownBy(reading))).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

describe('the leader', () => {
  it('is told by its address when another one answers', async () => {
    const client = await cluster.connect();
    const told: (string | undefined)[][] = [];
    client.on('leaderChanged', ({ address, previous }) => told.push([previous, address]));
    const counter = new CounterClient(client, 'counter');
    await cluster.during(counter.add(1));
    const first = cluster.address(await cluster.leader());
    await cluster.stopNode(await cluster.leader());
    await cluster.during(counter.add(1));
    const second = cluster.address(await cluster.leader());
    expect(told[0]).toEqual([undefined, first]);
    expect(told.at(-1)?.[1]).toBe(second);
  });

  it('stands in info() with members, term and indexes, as one node sees them', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    for (let count = 0; count < 3; count++) await cluster.during(counter.add(1));
    const leader = await cluster.leader();
    // Registrations of disks, and a check of the state, may still be on their way.
    await cluster.pass(3_000);
    const info = await cluster.during(client.info(cluster.address(leader)));
    const { appliedIndex, lastIndex, term } = cluster.node(leader);
    expect(info).toMatchObject({ node: leader, leader, term });
    expect(info.lastIndex).toBeGreaterThan(3);
    expect(info.lastIndex).toBeLessThanOrEqual(lastIndex);
    expect(info.commitIndex).toBeLessThanOrEqual(info.lastIndex);
    expect(info.appliedIndex).toBeLessThanOrEqual(Math.min(info.commitIndex, appliedIndex));
    expect(info.members.map(({ address, id, role }) => [id, address, role])).toEqual(
      ['a', 'b', 'c'].map((id) => [id, cluster.address(id), id === leader ? 'leader' : 'follower']),
    );
    const other = ['a', 'b', 'c'].find((id) => id !== leader) ?? '';
    expect(await cluster.during(client.info(cluster.address(other)))).toMatchObject({ node: other, leader });
  });

  it('is asked for no longer than the caller said', async () => {
    const client = await cluster.connect();
    const before = cluster.clock.monotonicMs();
    await cluster.during(codeOf(client.info('host-z:1', { timeoutMs: 500 })));
    expect(cluster.clock.monotonicMs() - before).toBeLessThan(1_000);
  });
});

describe('drain', () => {
  it('lets what is under way end, takes nothing new, and closes', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    const adding = Array.from({ length: 50 }, () => counter.add(1));
    const draining = client.drain();
    expect(client.status).toBe('draining');
    expect(await codeOf(counter.add(1))).toBe('Cancelled');
    expect(await codeOf(counter.current())).toBe('Cancelled');
    expect(await codeOf(client.info())).toBe('Cancelled');
    expect(await codeOf(counter.onChanged().ready)).toBe('Cancelled');
    expect(await codeOf(client.service('none').call('any'))).toBe('Cancelled');
    await cluster.during(draining);
    expect(await Promise.all(adding)).toEqual(adding.map((_, place) => place + 1));
    expect(client.status).toBe('closed');
    expect(client.drain()).toBe(draining);
    await client.close();
  });

  it('waits no longer than what is under way may take', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const adding = codeOf(counter.with({ timeoutMs: 2_000 }).add(1));
    const before = cluster.clock.monotonicMs();
    await cluster.during(client.drain());
    expect(['Indeterminate', 'Unavailable']).toContain(await adding);
    expect(cluster.clock.monotonicMs() - before).toBeLessThan(10_000);
  });

  it('is cut short by close', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const adding = codeOf(counter.add(1));
    const draining = client.drain();
    const closing = client.close();
    expect(await adding).toBe('Cancelled');
    await cluster.during(Promise.all([draining, closing]));
    expect(client.status).toBe('closed');
  });
});

describe('close', () => {
  it('rejects all that is under way at once, with one code, wherever it waits', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const work = [
      counter.add(1),
      counter.with({ consistency: 'linearizable' }).current(),
      counter.onChanged().ready,
      counter.onChanged(() => undefined),
      ...Array.from({ length: 5_000 }, () => counter.add(1)),
    ].map(codeOf);
    await turns(3);
    const closing = client.close();
    expect(new Set(await Promise.all(work))).toEqual(new Set(['Cancelled']));
    await cluster.during(closing);
    expect(await codeOf(counter.add(1))).toBe('Cancelled');
    expect(client.close()).toBe(closing);
  });

  it('ends the loops over subscriptions, and happens at the end of a block', async () => {
    let reading: Promise<void> | undefined;
    let outside: Cluster | undefined;
    await cluster.during(
      (async () => {
        await using client = await cluster.connect();
        outside = client;
        const changes = new CounterClient(client, 'counter').onChanged();
        await changes.ready;
        reading = (async () => {
          for await (const value of changes) expect(value).toBe('nothing');
        })();
      })(),
    );
    expect(outside?.status).toBe('closed');
    await reading;
  });
});

describe('a block', () => {
  it('unsubscribes at its end, by callback and by loop', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    const seen: number[] = [];
    await cluster.during(
      (async () => {
        await using stop = await counter.onChanged((value) => seen.push(value));
        await using changes = counter.onChanged();
        await changes.ready;
        await counter.add(1);
        for await (const value of changes) {
          expect(value).toBe(1);
          break;
        }
        expect(stop.ended).toBeInstanceOf(Promise);
      })(),
    );
    await cluster.during(counter.add(1));
    await cluster.pass(1_000);
    expect(seen).toEqual([1]);
  });
});

describe('a signal', () => {
  const reason = new Error('no longer wanted');
  let controller: AbortController;

  beforeEach(() => {
    controller = new AbortController();
  });

  afterEach(() => {
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  /** The work rejects with the signal's reason before time moves, and nothing is left on the signal. */
  async function gaveUpAtOnce(work: Promise<unknown>): Promise<void> {
    const outcome = thrownBy(work);
    await turns(5);
    const before = cluster.clock.monotonicMs();
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(cluster.clock.monotonicMs()).toBe(before);
    // What it was passed on to has had its turn.
    await turns(2);
  }

  it('that is aborted already lets nothing begin', async () => {
    const client = await cluster.connect();
    controller.abort(reason);
    const { signal } = controller;
    const counter = new CounterClient(client, 'counter').with({ signal });
    const begun = [
      connect(['host-a:1'], { signal, transport: cluster.network, clock: cluster.clock }),
      counter.add(1),
      counter.current(),
      counter.onChanged().ready,
      counter.onChanged(() => undefined),
      client.info(undefined, { signal }),
      client.service('any').call('any', [], { signal }),
    ];
    expect(await Promise.all(begun.map(thrownBy))).toEqual(begun.map(() => reason));
  });

  it('ends a hundred calls at once, of which Node does not warn', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const { signal } = controller;
    const counter = new CounterClient(await cluster.connect(), 'counter').with({ signal });
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const precise = counter.with({ consistency: 'linearizable' });
    const calls = Array.from({ length: 100 }, (_, at) => {
      if (at % 3 === 0) return counter.add(1);
      return at % 3 === 1 ? precise.current() : counter.onChanged().ready;
    });
    await gaveUpAtOnce(Promise.all(calls));
    expect(warnings).toEqual([]);
  });

  it('ends connecting', async () => {
    const transport = { dial: () => new Promise<never>(() => undefined) };
    const { clock } = cluster;
    await gaveUpAtOnce(connect(['host-a:1'], { signal: controller.signal, transport, clock }));
  });

  it('ends waiting for a session', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter').with({ signal: controller.signal });
    await stopAllBut(await cluster.leader());
    await gaveUpAtOnce(counter.add(1));
  });

  it('ends waiting for room', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const others = Array.from({ length: 3_000 }, () => codeOf(counter.with({ timeoutMs: 1_000 }).add(1)));
    await gaveUpAtOnce(counter.with({ signal: controller.signal }).add(1));
    await cluster.during(Promise.all(others));
  });

  it('ends waiting for a leader, of commands and of queries', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    for (const id of ['a', 'b', 'c']) await cluster.stopNode(id);
    const given = counter.with({ signal: controller.signal });
    const precise = given.with({ consistency: 'linearizable' });
    const others = [thrownBy(given.add(1)), thrownBy(precise.current()), thrownBy(given.current())];
    await cluster.pass(200);
    await gaveUpAtOnce(given.add(1));
    expect(await Promise.all(others)).toEqual([reason, reason, reason]);
  });

  it('ends a call on the wire, of a command and of a query', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const given = counter.with({ signal: controller.signal, consistency: 'linearizable' });
    const query = thrownBy(given.current());
    await gaveUpAtOnce(given.add(1));
    expect(await query).toBe(reason);
  });

  it('ends the registration of a subscription', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    await stopAllBut(await cluster.leader());
    const given = counter.with({ signal: controller.signal });
    const [ready, heard] = [thrownBy(given.onChanged().ready), thrownBy(given.onChanged(() => undefined))];
    const reading = (async () => {
      for await (const value of given.onChanged()) expect(value).toBe('nothing');
    })();
    await gaveUpAtOnce(reading);
    expect([await ready, await heard]).toEqual([reason, reason]);
  });

  it('ends a stream that is read, and a callback, and tells the group', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const given = counter.with({ signal: controller.signal });
    const heard: number[] = [];
    const stop = await cluster.during(given.onChanged((value) => heard.push(value)));
    const changes = given.onChanged();
    await cluster.during(changes.ready);
    await cluster.during(counter.add(1));
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of changes) seen.push(value);
    })();
    await cluster.until('both have heard', () => heard.length === 1 && seen.length === 1);
    await gaveUpAtOnce(reading);
    expect(await stop.ended).toBeUndefined();
    await cluster.during(counter.add(1));
    await cluster.pass(2_000);
    expect([heard, seen]).toEqual([[1], [1]]);
  });

  it('is let go of by whatever has ended before', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter').with({ signal: controller.signal });
    const stop = await cluster.during(counter.onChanged(() => undefined));
    await cluster.during(Promise.all([counter.add(1), counter.current()]));
    await cluster.during(stop());
    await turns(2);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

describe('an option that cannot be', () => {
  it.each<[string, unknown]>([
    ['connectTimeoutMs', { connectTimeoutMs: 0 }],
    ['connectTimeoutMs', { connectTimeoutMs: Number.NaN }],
    ['sessionTimeoutMs', { sessionTimeoutMs: 1 }],
    ['interceptors', { interceptors: () => undefined }],
    ['interceptors', { interceptors: [1] }],
    ['metadata', { metadata: 'token' }],
    ['metadata', { metadata: { Token: 'x' } }],
    ['metadata', { metadata: { token: 1 } }],
    ['signal', { signal: {} }],
    ['onSessionExpired', { onSessionExpired: 'panic' }],
    ['sessionTimeoutMs', { sessionTimeoutMs: '30000' }],
    ['group', { group: '' }],
    ['group', { group: null }],
    ['window', { window: 16 }],
    ['limits', { limits: null }],
    ['logger', { logger: () => undefined }],
    ['clock', { clock: {} }],
    ['random', { random: 0.5 }],
    ['transport', { transport: 'ws' }],
    ['connect has no option timeoutMs; there are connectTimeoutMs, group', { timeoutMs: 5 }],
    ['the options of connect are no object: null', null],
  ])('%s of connect is refused, and named', async (name, options) => {
    const error = await thrownBy(connect(['host-a:1'], options as ConnectOptions));
    expect(error).toMatchObject({ code: 'InvalidArgument' });
    expect(String(error)).toContain(name);
  });

  it.each<[string, unknown]>([
    ['a call has no option timeout; there are consistency, token, timeoutMs', { timeout: 5 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: Infinity }],
    ['timeoutMs', { timeoutMs: '1000' }],
    ['signal', { signal: 'stop' }],
    ['metadata', { metadata: { 'a b': 'x' } }],
    ['metadata', { metadata: { '__proto__ ': 'x' } }],
    ['metadata', { metadata: { Authorization: 'x' } }],
    ['metadata', { metadata: { [`x${'y'.repeat(64)}`]: 'x' } }],
    ['metadata', { metadata: { a: '\ud800' } }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, ''])) }],
    ['metadata', { metadata: { a: 'x'.repeat(10_000) } }],
  ])('%s of a call is refused, and named', async (name, options) => {
    const client = await cluster.connect();
    const given = new CounterClient(client, 'counter').with(options as object);
    for (const call of [() => given.add(1), () => given.current(), () => given.onChanged().ready]) {
      const error = await cluster.during(thrownBy(call()));
      expect(error).toMatchObject({ code: 'InvalidArgument' });
      expect(String(error)).toContain(name);
    }
  });
});

it('a machine that there is not is named as it was called', async () => {
  const stranger = new CounterClient(await cluster.connect(), 'stranger');
  for (const call of [() => stranger.add(1), () => stranger.current(), () => stranger.onChanged().ready]) {
    const error = await cluster.during(thrownBy(call()));
    expect(String(error)).toContain('NotFound: no machine has the name stranger in this group');
  }
});
