import { VirtualClock } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Dialer,
  memoryNetwork,
  type MemoryNetwork,
  methodId,
  openChannel,
  serviceId,
} from '../src/index.js';
import { KeepAlive } from '../src/keep-alive.js';
import { RpcServer } from '../src/server/index.js';
import { bytes, rejection, turn, unary } from './support/rig.js';

describe('a keep-alive', () => {
  test('asks after an interval of silence, and gives up after the timeout', () => {
    const clock = new VirtualClock();
    const told: string[] = [];
    const keepAlive = new KeepAlive({
      clock,
      intervalMs: 10,
      timeoutMs: 30,
      ping: () => told.push(`ping ${clock.now()}`),
      dead: (silentMs) => told.push(`dead ${clock.now()} after ${silentMs}`),
    });
    clock.advance(15);
    keepAlive.heard();
    clock.advance(85);
    expect(told).toEqual(['ping 30', 'ping 40', 'dead 50 after 30']);
  });

  test('stays silent while it hears something, and when it is stopped', () => {
    const clock = new VirtualClock();
    const told: string[] = [];
    const keepAlive = new KeepAlive({
      clock,
      intervalMs: 10,
      timeoutMs: 30,
      ping: () => told.push('ping'),
      dead: () => told.push('dead'),
    });
    for (let step = 0; step < 20; step++) {
      clock.advance(9);
      keepAlive.heard();
    }
    keepAlive.stop();
    clock.advance(1_000);
    expect(told).toEqual([]);
  });
});

describe('a half-open connection', () => {
  const limits = { keepAliveIntervalMs: 100, keepAliveTimeoutMs: 300 };

  /** A memory network of which one direction can be cut without anyone being told. */
  function lossy(network: MemoryNetwork) {
    const lost = { up: false, down: false };
    const dialer: Dialer = {
      async dial(address, events, options) {
        const connection = await network.dial(
          address,
          {
            message: (message) => void (lost.down || events.message(message)),
            drained: () => events.drained(),
            closed: (code, reason) => void (lost.down || events.closed(code, reason)),
          },
          options,
        );
        return {
          bufferedBytes: 0,
          send: (message) => void (lost.up || connection.send(message)),
          close: (code, reason) => void (lost.up || connection.close(code, reason)),
        };
      },
    };
    return { lost, dialer };
  }

  async function start() {
    const network = memoryNetwork();
    const clock = new VirtualClock();
    const { lost, dialer } = lossy(network);
    const server = new RpcServer({ address: 'a:1', listener: network, clock, limits });
    const signals: AbortSignal[] = [];
    const never = new Promise<Uint8Array>(() => undefined);
    server.register('test', { methods: [unary('hangs', (_, { signal }) => (signals.push(signal), never))] });
    await server.listen();
    onTestFinished(async () => {
      const closing = server.close({ drainMs: 1 });
      await turn();
      clock.advance(1);
      await closing;
    });
    const channel = await openChannel('a:1', { transport: dialer, clock, limits });
    const pass = async (durationMs: number) => {
      for (let passedMs = 0; passedMs < durationMs; passedMs += 50) {
        clock.advance(50);
        await turn();
      }
    };
    return { channel, lost, signals, pass };
  }

  test('is left alone as long as pings are answered', async () => {
    const { channel, pass } = await start();
    await pass(5_000);
    expect(channel.isOpen).toBe(true);
    channel.close();
  });

  test('is given up by the client, whose calls fail with Unavailable', async () => {
    const { channel, lost, pass } = await start();
    const call = rejection(channel.call(serviceId('test'), methodId('hangs'), bytes()));
    await turn();
    lost.down = true;
    await pass(500);
    expect(await call).toMatchObject({ code: 'Unavailable', sent: true });
    expect((await channel.closed).message).toContain('silent');
  });

  test('is given up by the server, whose handlers learn it', async () => {
    const { channel, lost, pass, signals } = await start();
    void rejection(channel.call(serviceId('test'), methodId('hangs'), bytes()));
    await turn();
    await turn();
    lost.up = true;
    lost.down = true;
    await pass(500);
    expect(signals[0]?.aborted).toBe(true);
  });
});
