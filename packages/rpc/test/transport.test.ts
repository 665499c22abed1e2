import { createDeferred } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AcceptedConnection,
  type Connection,
  type ConnectionEvents,
  defaultLimits,
  memoryNetwork,
} from '../src/index.js';
import { bytes, rejection, until } from './support/rig.js';
import { transports } from './support/transports.js';

/** Writes down what a connection tells. */
class Ear implements ConnectionEvents {
  readonly messages: Uint8Array[] = [];
  readonly ends: string[] = [];
  drainedCount = 0;

  message(message: Uint8Array): void {
    expect(this.ends).toEqual([]);
    this.messages.push(message.slice());
  }

  drained(): void {
    this.drainedCount += 1;
  }

  closed(code: number, reason: string): void {
    this.ends.push(`${code} ${reason}`);
  }
}

const limits = { ...defaultLimits, closeTimeoutMs: 500 };
const neverAborted = new AbortController().signal;

describe.each(transports)('a transport $name', ({ create }) => {
  async function connect(): Promise<{
    client: Connection;
    server: AcceptedConnection;
    clientEar: Ear;
    serverEar: Ear;
  }> {
    const { dialer, listener } = create();
    const accepted = createDeferred<AcceptedConnection>();
    const clientEar = new Ear();
    const serverEar = new Ear();
    const listening = await listener.listen(
      '127.0.0.1:0',
      (connection) => {
        accepted.resolve(connection);
        return serverEar;
      },
      limits,
    );
    const client = await dialer.dial(listening.address, clientEar, { limits, signal: neverAborted });
    const server = await accepted.promise;
    onTestFinished(async () => {
      client.close(1000, '');
      server.close(1000, '');
      await listening.close();
    });
    return { client, server, clientEar, serverEar };
  }

  test('carries messages both ways, whole and in order', async () => {
    const { client, server, clientEar, serverEar } = await connect();
    const messages = Array.from({ length: 200 }, (_, index) => new Uint8Array(index * 7).fill(index));
    for (const message of messages) {
      client.send(message.slice());
      server.send(message.slice());
    }
    await until(() => clientEar.messages.length === 200 && serverEar.messages.length === 200);
    expect(serverEar.messages).toEqual(messages);
    expect(clientEar.messages).toEqual(messages);
  });

  test('carries a message of several megabytes', async () => {
    const { client, serverEar } = await connect();
    const message = new Uint8Array(5_000_000).fill(7);
    client.send(message.slice());
    await until(() => serverEar.messages.length === 1);
    expect(Buffer.compare(serverEar.messages[0] ?? bytes(), message)).toBe(0);
  });

  test('tells the server where the client is', async () => {
    const { server } = await connect();
    expect(server.remoteAddress).not.toBe('');
  });

  test('delivers nothing inside the sending call', async () => {
    const { client, serverEar } = await connect();
    client.send(bytes(1));
    expect(serverEar.messages).toEqual([]);
    await until(() => serverEar.messages.length === 1);
  });

  test('closes both sides once, after what was sent before, with code and reason', async () => {
    const { client, server, clientEar, serverEar } = await connect();
    server.send(bytes(1));
    server.close(1008, 'enough of this');
    server.close(1002, 'a second reason');
    server.send(bytes(2));
    await until(() => clientEar.ends.length === 1 && serverEar.ends.length === 1);
    client.send(bytes(3));
    client.close(1000, 'too late');
    expect(clientEar.messages).toEqual([bytes(1)]);
    expect(clientEar.ends).toEqual(['1008 enough of this']);
    expect(serverEar.ends).toHaveLength(1);
    expect(serverEar.messages).toEqual([]);
  });

  test('closes from the client as well', async () => {
    const { client, clientEar, serverEar } = await connect();
    client.send(bytes(1));
    client.close(1000, 'done');
    await until(() => clientEar.ends.length === 1 && serverEar.ends.length === 1);
    expect(serverEar.messages).toEqual([bytes(1)]);
    expect(serverEar.ends).toEqual(['1000 done']);
  });

  test('ends both sides at once when it is aborted, also while it closes', async () => {
    for (const isClosing of [false, true]) {
      const { client, server, clientEar, serverEar } = await connect();
      if (isClosing) server.close(1008, 'enough of this');
      server.abort();
      server.abort();
      server.send(bytes(1));
      client.send(bytes(2));
      await until(() => clientEar.ends.length === 1 && serverEar.ends.length === 1);
      expect([clientEar.messages, serverEar.messages]).toEqual([[], []]);
    }
  });

  test('cuts a reason that is too long for a close frame', async () => {
    const { server, clientEar } = await connect();
    server.close(1008, 'é'.repeat(200));
    await until(() => clientEar.ends.length === 1);
    expect(clientEar.ends[0]).toMatch(/^1008 é{60,200}$/);
  });

  test('a server that pauses makes the sender remember, and reads on when it resumes', async () => {
    const { client, server, serverEar } = await connect();
    server.pause();
    for (let index = 0; index < 24; index++) client.send(new Uint8Array(1 << 20).fill(index));
    await until(() => client.bufferedBytes > 1 << 20);
    expect(serverEar.messages.length).toBeLessThan(24);
    server.resume();
    await until(() => serverEar.messages.length === 24 && client.bufferedBytes === 0);
    expect(serverEar.messages.map(([first]) => first)).toEqual(
      Array.from({ length: 24 }, (_, index) => index),
    );
  });

  test('tells the server when its buffer has drained', async () => {
    const { server, clientEar, serverEar } = await connect();
    for (let index = 0; index < 8; index++) server.send(new Uint8Array(1 << 20));
    expect(server.bufferedBytes).toBeGreaterThan(0);
    await until(() => clientEar.messages.length === 8 && server.bufferedBytes === 0);
    expect(serverEar.drainedCount).toBeGreaterThan(0);
  });

  test('refuses to dial where nobody listens', async () => {
    const { dialer, listener } = create();
    const listening = await listener.listen('127.0.0.1:0', () => new Ear(), limits);
    await listening.close();
    const error = await rejection(
      dialer.dial(listening.address, new Ear(), { limits, signal: neverAborted }),
    );
    expect(error).toMatchObject({ code: 'Unavailable', sent: false });
  });

  test('refuses to listen twice on one address', async () => {
    const { listener } = create();
    const listening = await listener.listen('127.0.0.1:0', () => new Ear(), limits);
    onTestFinished(() => listening.close());
    expect(listening.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    const error = await rejection(listener.listen(listening.address, () => new Ear(), limits));
    expect(error).toMatchObject({ code: 'Unavailable' });
  });

  test('gives up a dial that is aborted', async () => {
    const { dialer, listener } = create();
    const listening = await listener.listen('127.0.0.1:0', () => new Ear(), limits);
    onTestFinished(() => listening.close());
    const controller = new AbortController();
    const dial = rejection(dialer.dial(listening.address, new Ear(), { limits, signal: controller.signal }));
    controller.abort();
    expect(await dial).toMatchObject({ code: 'Unavailable' });
  });
});

test('a severed memory network closes both sides with 1006', async () => {
  const network = memoryNetwork();
  const serverEar = new Ear();
  const clientEar = new Ear();
  await network.listen('a:1', () => serverEar, limits);
  await network.dial('a:1', clientEar, { limits, signal: neverAborted });
  network.sever('a:1');
  await until(() => serverEar.ends.length === 1 && clientEar.ends.length === 1);
  expect([serverEar.ends, clientEar.ends]).toEqual([['1006 '], ['1006 ']]);
});
