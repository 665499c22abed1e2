import { getEventListeners } from 'node:events';
import { seededRandom, VirtualClock } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  backoff,
  ChannelPool,
  type ChannelPoolOptions,
  type Dialer,
  memoryNetwork,
  methodId,
  serviceId,
} from '../src/index.js';
import { RpcServer } from '../src/server/index.js';
import { bytes, echoService, rejection, turn, until } from './support/rig.js';

const ADDRESS = 'node-a:2100';
const options = { baseMs: 100, maxMs: 1_000 };

/** A pool over a memory network with a virtual clock, whose back-off is always the whole ceiling or a part of it. */
function rig(more: Partial<ChannelPoolOptions> = {}) {
  const network = memoryNetwork();
  const clock = new VirtualClock();
  const dials: number[] = [];
  const transport: Dialer = {
    dial(address, events, dialOptions) {
      dials.push(clock.monotonicMs());
      return network.dial(address, events, dialOptions);
    },
  };
  const pool = new ChannelPool({ transport, clock, backoff: options, random: () => 0.5, ...more });
  onTestFinished(() => pool.close());
  return {
    network,
    clock,
    dials,
    pool,
    async serve(): Promise<RpcServer> {
      const server = new RpcServer({ address: ADDRESS, listener: network, clock });
      server.register('test', echoService);
      await server.listen();
      return server;
    },
    /** Lets time pass in small steps, as it does. */
    async pass(durationMs: number): Promise<void> {
      await turn();
      for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
        clock.advance(10);
        await turn();
      }
    },
  };
}

describe('backoff', () => {
  test.each([
    [0, 0.5, 50],
    [1, 0.5, 100],
    [2, 0.5, 200],
    [3, 0.5, 400],
    [4, 0.5, 500],
    [5_000, 0.5, 500],
    [3, 0, 0],
  ])('attempt %i with %f of the jitter waits %i ms', (attempt, share, delayMs) => {
    expect(backoff(attempt, options, () => share)).toBe(delayMs);
  });

  test('stays within its ceiling and uses all of it', () => {
    const random = seededRandom(7);
    const delays = Array.from({ length: 1_000 }, () => backoff(9, options, random));
    expect(Math.min(...delays)).toBeLessThan(50);
    expect(Math.max(...delays)).toBeGreaterThan(950);
    expect(Math.max(...delays)).toBeLessThan(1_000);
  });
});

describe('a pool', () => {
  test('gives everyone the one channel to an address', async () => {
    const { pool, dials, serve } = rig();
    await serve();
    expect(pool.peek(ADDRESS)).toBeUndefined();
    const [first, second] = await Promise.all([pool.channel(ADDRESS), pool.channel(ADDRESS)]);
    expect(first).toBe(second);
    expect(await pool.channel(ADDRESS)).toBe(first);
    expect(pool.peek(ADDRESS)).toBe(first);
    expect(dials).toHaveLength(1);
    expect(await first.call(serviceId('test'), methodId('echo'), bytes(1))).toEqual(bytes(1));
  });

  test('keeps a growing distance between failing attempts, and one attempt serves all who wait', async () => {
    const { pool, dials, pass } = rig();
    for (let round = 0; round < 6; round++) {
      const outcomes = [rejection(pool.channel(ADDRESS)), rejection(pool.channel(ADDRESS))];
      await pass(600);
      for (const outcome of await Promise.all(outcomes))
        expect(outcome).toMatchObject({ code: 'Unavailable' });
    }
    // Each round begins 600 ms after the one before it; back-offs of 50, 100, 200, 400, 500 ms fit into that.
    expect(dials).toEqual([0, 600, 1_200, 1_800, 2_400, 3_000]);
    void rejection(pool.channel(ADDRESS));
    void rejection(pool.channel(ADDRESS));
    await turn();
    expect(dials).toHaveLength(7);
    const soon = rejection(pool.channel(ADDRESS));
    await pass(490);
    expect(dials).toHaveLength(7);
    await pass(10);
    expect(dials).toHaveLength(8);
    await soon;
  });

  test('evicts a channel that has died, and opens another one after a back-off', async () => {
    const { pool, dials, serve, network, pass } = rig();
    await serve();
    const first = await pool.channel(ADDRESS);
    network.sever(ADDRESS);
    await first.closed;
    expect(pool.peek(ADDRESS)).toBeUndefined();
    const again = pool.channel(ADDRESS);
    await pass(40);
    expect(dials).toHaveLength(1);
    await pass(10);
    const second = await again;
    expect(second).not.toBe(first);
    expect(second.isOpen).toBe(true);
  });

  test('keeps growing the distance when channels are lost as soon as they open, and forgets it when one lasts', async () => {
    const { pool, dials, serve, network, pass } = rig();
    await serve();
    for (let round = 0; round < 4; round++) {
      const opening = pool.channel(ADDRESS);
      await pass(500);
      const channel = await opening;
      network.sever(ADDRESS);
      await channel.closed;
    }
    const slow = pool.channel(ADDRESS);
    await pass(390);
    expect(dials).toHaveLength(4);
    await pass(10);
    const lasting = await slow;
    await pass(1_000);
    network.sever(ADDRESS);
    await lasting.closed;
    const fast = pool.channel(ADDRESS);
    await pass(50);
    await fast;
  });

  test('lets a draining channel go', async () => {
    const { pool, serve } = rig();
    const server = await serve();
    const channel = await pool.channel(ADDRESS);
    void server.close({ drainMs: 100 });
    await until(() => !channel.isOpen);
    expect(pool.peek(ADDRESS)).toBeUndefined();
  });

  test("a caller's signal ends its own wait only", async () => {
    const { pool, serve, pass } = rig();
    await rejection(pool.channel(ADDRESS));
    await serve();
    const controller = new AbortController();
    const impatient = rejection(pool.channel(ADDRESS, { signal: controller.signal }));
    const patient = pool.channel(ADDRESS);
    await pass(10);
    controller.abort();
    expect(await impatient).toMatchObject({ code: 'Cancelled' });
    await pass(40);
    expect((await patient).isOpen).toBe(true);
    const open = await pool.channel(ADDRESS, { signal: new AbortController().signal });
    expect(open).toBe(await patient);
  });

  test('closes its channels and its attempts, and opens no more', async () => {
    const { pool, serve } = rig();
    await serve();
    const channel = await pool.channel(ADDRESS);
    await rejection(pool.channel('node-b:1'));
    const waiting = rejection(pool.channel('node-b:1'));
    pool.close();
    pool.close();
    expect(await channel.closed).toMatchObject({ message: 'Unavailable: the pool is closed' });
    expect(await waiting).toMatchObject({ code: 'Unavailable' });
    expect(await rejection(pool.channel(ADDRESS))).toMatchObject({ code: 'Unavailable' });
    expect(pool.peek(ADDRESS)).toBeUndefined();
  });

  test('that closes while a dial is under way leaves nothing open', async () => {
    const { pool, serve, clock } = rig();
    const server = await serve();
    const opening = rejection(pool.channel(ADDRESS));
    pool.close();
    expect(await opening).toMatchObject({ code: expect.stringMatching(/Unavailable|Cancelled/) });
    const closing = server.close({ drainMs: 1 });
    clock.advance(1);
    await closing;
  });
});

describe('who wants to know', () => {
  test('is told when a channel was opened and when it was lost, and not of the end', async () => {
    const open: boolean[] = [];
    const { network, pass, pool, serve } = rig();
    pool.onChange((lost) => open.push(lost === undefined && pool.peek(ADDRESS) !== undefined));
    const server = await serve();
    await pool.channel(ADDRESS);
    network.sever(ADDRESS);
    await pass(2_000);
    await pool.channel(ADDRESS);
    pool.close();
    await pass(100);
    expect(open).toEqual([true, false, true]);
    await server.close();
  });
});

test('a caller that has left leaves nothing on its signal', async () => {
  const { pool } = rig({ transport: { dial: () => new Promise(() => undefined) } });
  const controller = new AbortController();
  const { signal } = controller;
  const asking = rejection(pool.channel(ADDRESS, { signal }));
  await turn();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  controller.abort();
  expect(await asking).toMatchObject({ code: 'Cancelled' });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
