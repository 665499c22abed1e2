import type { DecoraftError } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
    (error: unknown) => (error as DecoraftError).code,
  );

describe('a command', () => {
  it('runs once, however often its connection breaks before the answer', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    const leader = cluster.address(await cluster.leader());
    for (let round = 0; round < 20; round++) {
      const adding = Promise.all([counter.add(1), counter.add(1), counter.add(1)]);
      await new Promise((resolve) => setImmediate(resolve));
      cluster.network.sever(leader);
      await cluster.during(adding);
    }
    expect(await cluster.during(counter.with({ consistency: 'linearizable' }).current())).toBe(61);
  });

  it('waits its turn when there are more than a session may have unanswered', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs: 60_000 });
    await cluster.during(Promise.all(Array.from({ length: 20_000 }, () => counter.add(1))));
    expect(await cluster.during(counter.current())).toBe(20_000);
  });

  it('runs once when its leader goes down before the answer', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    for (let round = 0; round < 4; round++) {
      const leader = await cluster.leader();
      const adding = Promise.all([counter.add(1), counter.add(1)]);
      for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
      await cluster.stopNode(leader);
      await cluster.during(adding);
      await cluster.startNode(leader);
    }
    expect(await cluster.during(counter.with({ consistency: 'linearizable' }).current())).toBe(9);
  });
});

describe('a session', () => {
  it('is asked for as long as a command waits, and not only for as long as one answer may take', async () => {
    for (const id of ['a', 'b']) await cluster.stopNode(id);
    const counter = new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs: 60_000 });
    const adding = counter.add(1);
    await cluster.pass(25_000);
    for (const id of ['a', 'b']) await cluster.startNode(id);
    expect(await cluster.during(adding)).toBe(1);
  });

  it('lives as long as its client beats, without commands', async () => {
    const counter = new CounterClient(await cluster.connect({ sessionTimeoutMs: 5_000 }), 'counter');
    await cluster.during(counter.add(1));
    await cluster.pass(30_000);
    expect(await cluster.during(counter.add(1))).toBe(2);
  });

  it('survives a change of the leader with a full period of grace', async () => {
    const counter = new CounterClient(await cluster.connect({ sessionTimeoutMs: 5_000 }), 'counter');
    await cluster.during(counter.add(1));
    await cluster.stopNode(await cluster.leader());
    await cluster.leader();
    await cluster.pass(4_000);
    expect(await cluster.during(counter.add(1))).toBe(2);
  });
});

describe('a cluster without a leader', () => {
  it('lets no session end, however long that lasts: its time is that of a leader (C40)', async () => {
    const counter = new CounterClient(await cluster.connect({ sessionTimeoutMs: 5_000 }), 'counter');
    const stop = await cluster.during(counter.onChanged(() => undefined));
    await cluster.during(counter.add(1));
    const leader = await cluster.leader();
    const others = ['a', 'b', 'c'].filter((id) => id !== leader);
    for (const id of others) await cluster.stopNode(id);
    await cluster.pass(60_000);
    for (const id of others) await cluster.startNode(id);
    expect(await cluster.during(counter.with({ timeoutMs: 30_000 }).add(1))).toBe(2);
    const state = await Promise.race([stop.ended.then(() => 'ended'), Promise.resolve('goes on')]);
    expect(state).toBe('goes on');
  });
});

describe('a subscription', () => {
  it('brings every event once and in order through broken connections and changes of the leader', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    const seen: number[] = [];
    await cluster.during(counter.onChanged((value) => seen.push(value)));
    for (let round = 1; round <= 60; round++) {
      await cluster.during(counter.add(1));
      if (round % 10 === 3) cluster.network.sever(cluster.address(await cluster.leader()));
      if (round % 20 === 7) {
        const leader = await cluster.leader();
        await cluster.stopNode(leader);
        await cluster.leader();
        await cluster.startNode(leader);
      }
    }
    await cluster.until('all events arrived', () => seen.length >= 60);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
  });

  it('as a stream ends the loop when it is left, and tells nobody any more', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    const changes = counter.onChanged();
    await cluster.during(changes.ready);
    for (let number = 0; number < 5; number++) await cluster.during(counter.add(1));
    const taken: number[] = [];
    const reading = (async () => {
      for await (const value of changes) {
        taken.push(value);
        if (taken.length === 3) break;
      }
    })();
    await cluster.during(reading);
    await cluster.during(counter.add(1));
    expect(taken).toEqual([1, 2, 3]);
  });

  it('that a slow consumer leaves unread loses nothing', async () => {
    const client = await cluster.connect();
    const counter = new CounterClient(client, 'counter');
    const changes = counter.onChanged();
    await cluster.during(changes.ready);
    const total = 10_000;
    for (let sent = 0; sent < total; sent += 500) {
      await cluster.during(Promise.all(Array.from({ length: 500 }, () => counter.add(1))));
    }
    const taken: number[] = [];
    const reading = (async () => {
      for await (const value of changes) {
        taken.push(value);
        if (taken.length === total) break;
      }
    })();
    await cluster.during(reading);
    expect(taken).toEqual(Array.from({ length: total }, (_, at) => at + 1));
  });
});

describe('a read', () => {
  it('never shows a client less than it has seen, on whichever node', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    for (let expected = 1; expected <= 30; expected++) {
      await cluster.during(counter.add(1));
      expect(await cluster.during(counter.current())).toBe(expected);
    }
  });

  it('that must be linearizable fails where there is no majority', async () => {
    const counter = new CounterClient(await cluster.connect(), 'counter');
    await cluster.during(counter.add(1));
    const leader = await cluster.leader();
    for (const id of ['a', 'b', 'c']) if (id !== leader) await cluster.stopNode(id);
    const precise = counter.with({ consistency: 'linearizable', timeoutMs: 3_000 });
    expect(['Unavailable', 'DeadlineExceeded']).toContain(await cluster.during(codeOf(precise.current())));
    expect(await cluster.during(counter.with({ consistency: 'local' }).current())).toBe(1);
  });
});
