import { createServer } from 'node:net';
import { CodedError, createDeferred } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type CallContext,
  type Channel,
  type ChannelOptions,
  ChannelPool,
  type Method,
  methodId,
  openChannel,
  type RpcError,
  serviceId,
  webSocketDialer,
} from '../src/index.js';
import { RpcServer, type RpcServerOptions } from '../src/server/index.js';
import {
  bidirectionalStream,
  bytes,
  clientStream,
  echo,
  rejection,
  stream,
  unary,
  until,
} from './support/rig.js';

const id = serviceId('test');
const overSockets = webSocketDialer({ shortcut: false });

/** A service that tells where its caller is. */
function guestBook() {
  const guests: string[] = [];
  const method = unary('sign', (_, { connection }) => {
    guests.push(connection.remoteAddress);
    return bytes();
  });
  return { guests, method };
}

async function serve(
  methods: readonly Method[],
  options: Partial<RpcServerOptions> = {},
): Promise<RpcServer> {
  const server = new RpcServer({ address: '127.0.0.1:0', ...options });
  server.register('test', { methods });
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 1 }));
  return server;
}

async function open(address: string, options: ChannelOptions = {}): Promise<Channel> {
  const channel = await openChannel(address, options);
  onTestFinished(() => channel.close());
  return channel;
}

/** Whether a call to this address comes over a socket, by what the server sees. */
async function comesOverSocket(
  address: string,
  guests: string[],
  options: ChannelOptions = {},
): Promise<boolean> {
  const channel = await open(address, options);
  await channel.call(id, methodId('sign'), bytes());
  const guest = guests.pop() ?? '';
  expect(guest).toMatch(/^(127\.0\.0\.1|in-process):\d+$/);
  return guest.startsWith('127');
}

describe('a server of the same process', () => {
  test('is called without a socket, by openChannel and by a pool', async () => {
    const { guests, method } = guestBook();
    const { address } = await serve([method]);
    expect(await comesOverSocket(address, guests)).toBe(false);
    const pool = new ChannelPool();
    onTestFinished(() => pool.close());
    const channel = await pool.channel(address);
    await channel.call(id, methodId('sign'), bytes());
    expect(guests).toEqual(['in-process:2']);
    expect(await pool.channel(address)).toBe(channel);
  });

  test('is called over a socket where either side has switched the shortcut off, and by a URL', async () => {
    const { guests, method } = guestBook();
    const { address } = await serve([method]);
    expect(await comesOverSocket(address, guests, { transport: overSockets })).toBe(true);
    expect(await comesOverSocket(`ws://${address}`, guests)).toBe(true);
    expect(await comesOverSocket(address, guests)).toBe(false);
    const far = await serve([method], { shortcut: false });
    expect(await comesOverSocket(far.address, guests)).toBe(true);
  });

  test('is reached no more once its service is removed: as over the wire', async () => {
    const answer = createDeferred<Uint8Array>();
    let running = 0;
    const methods = [
      unary('slow', () => ((running += 1), answer.promise)),
      stream('list', async function* (_, { signal }) {
        yield bytes(1);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }),
    ];
    const server = await serve(methods);
    const channels = [await open(server.address), await open(server.address, { transport: overSockets })];
    const slow = channels.map((channel) => channel.call(id, methodId('slow'), bytes()));
    const lists = channels.map((channel) =>
      channel.stream(id, methodId('list'), bytes())[Symbol.asyncIterator](),
    );
    await Promise.all(lists.map((list) => list.next()));
    await until(() => running === 2);
    server.unregister('test');
    for (const channel of channels) {
      expect(await rejection(channel.call(id, methodId('slow'), bytes()))).toMatchObject({
        code: 'Unavailable',
        sent: false,
      });
    }
    for (const list of lists) expect(await rejection(list.next())).toMatchObject({ code: 'Unavailable' });
    answer.resolve(bytes(7));
    expect(await Promise.all(slow)).toEqual([bytes(7), bytes(7)]);
    expect(running).toBe(2);
  });

  test('that closes drains its callers, and is then as gone as any other', async () => {
    const answer = createDeferred<Uint8Array>();
    let isRunning = false;
    const server = await serve([unary('slow', () => ((isRunning = true), answer.promise))]);
    const channel = await open(server.address);
    const slow = channel.call(id, methodId('slow'), bytes());
    await until(() => isRunning);
    const closing = server.close({ drainMs: 60_000 });
    await until(() => !channel.isOpen, 'the goodbye');
    expect(await rejection(openChannel(server.address))).toMatchObject({ code: 'Unavailable' });
    answer.resolve(bytes(7));
    expect(await slow).toEqual(bytes(7));
    await closing;
    expect((await channel.closed).message).toContain('1001');
    const refusal = await rejection(openChannel(server.address));
    expect(refusal).toMatchObject({ code: 'Unavailable' });
    expect((refusal as RpcError).message).toContain('cannot connect to');
  });

  test('leaves its address to whoever listens there next', async () => {
    const server = await serve([echo]);
    const { address } = server;
    await server.close();
    const knocks: string[] = [];
    const stranger = createServer((socket) => {
      knocks.push('knock');
      socket.destroy();
    });
    onTestFinished(() => void stranger.close());
    const port = Number(address.split(':')[1]);
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    expect(await rejection(openChannel(address))).toMatchObject({ code: 'Unavailable' });
    expect(knocks).toEqual(['knock']);
  });
});

/** What both ways have to do alike: each is tried on a server of its own, and the outcomes are compared. */
const attempts: Readonly<Record<string, (channel: Channel, server: RpcServer) => Promise<unknown>>> = {
  'a reply': async (channel) => [...(await channel.call(id, methodId('echo'), bytes(1, 2)))],
  'what the caller changes after the call stays with him': async (channel) => {
    const payload = bytes(1, 2);
    const reply = channel.call(id, methodId('echo'), payload);
    payload[0] = 9;
    return [...(await reply)];
  },
  'what the handler changes stays with it': async (channel) => {
    const payload = bytes(1, 2);
    await channel.call(id, methodId('scribble'), payload);
    return [...payload];
  },
  'what the caller does to an answer stays with him': async (channel) => {
    const first = await channel.call(id, methodId('kept'), bytes());
    first[0] = 9;
    return [...(await channel.call(id, methodId('kept'), bytes()))];
  },
  'an error of a handler': (channel) => rejection(channel.call(id, methodId('fails'), bytes())),
  'an error that is not for callers': (channel) => rejection(channel.call(id, methodId('breaks'), bytes())),
  'an unknown method': (channel) => rejection(channel.call(id, 5, bytes())),
  'an unknown service': (channel) => rejection(channel.call(5, 5, bytes())),
  'a call of the wrong kind': (channel) => rejection(channel.call(id, methodId('list'), bytes())),
  'a payload that is too large': (channel) =>
    rejection(channel.call(id, methodId('echo'), new Uint8Array(10_000))),
  'a reply that is too large': (channel) => rejection(channel.call(id, methodId('large'), bytes())),
  'metadata that is too large': (channel) =>
    rejection(channel.call(id, methodId('echo'), bytes(), { metadata: { a: 'a'.repeat(2_000) } })),
  metadata: async (channel) =>
    Buffer.from(
      await channel.call(id, methodId('metadata'), bytes(), { metadata: { a: 'b', __proto__x: 'c' } }),
    ).toString(),
  'one call too many': async (channel) => {
    const hang = () => rejection(channel.call(id, methodId('hangs'), bytes()));
    const held = [hang(), hang(), hang()];
    const refusal = await hang();
    channel.close();
    return [refusal, await Promise.all(held)];
  },
  'a stream': async (channel) => {
    const items: number[] = [];
    for await (const [item = -1] of channel.stream(id, methodId('list'), bytes(3))) items.push(item);
    return items;
  },
  'items both ways': async (channel) => {
    const items: number[] = [];
    const given = (async function* () {
      for (let index = 0; index < 300; index++) yield bytes(index);
    })();
    const answers = channel.bidirectionalStream(id, methodId('repeat'), bytes(), given);
    for await (const [item = -1] of answers) items.push(item);
    return [
      items,
      [...(await channel.clientStream(id, methodId('count'), bytes(), (async function* () {})()))],
    ];
  },
  'a server that closes': async (channel, server) => {
    const hanging = rejection(channel.call(id, methodId('hangs'), bytes()));
    await channel.call(id, methodId('echo'), bytes());
    await server.close({ drainMs: 1 });
    return [
      await hanging,
      await channel.closed,
      await rejection(channel.call(id, methodId('echo'), bytes())),
    ];
  },
  'a channel that closes': async (channel) => {
    const hanging = rejection(channel.call(id, methodId('hangs'), bytes()));
    await channel.call(id, methodId('echo'), bytes());
    channel.close();
    return [
      await hanging,
      await channel.closed,
      await rejection(channel.call(id, methodId('echo'), bytes())),
    ];
  },
};

describe('the shortcut does what a socket does', () => {
  const kept = bytes(1);
  const never = new Promise<Uint8Array>(() => undefined);
  const methods: readonly Method[] = [
    echo,
    unary('scribble', (payload) => payload.fill(7)),
    unary('kept', () => kept),
    unary('fails', () => {
      throw new CodedError('SoldOut', 'nothing left', { data: { left: 0n } });
    }),
    unary('breaks', () => {
      throw new Error('the password is 1234');
    }),
    unary('large', () => new Uint8Array(10_000)),
    unary('hangs', () => never),
    unary('metadata', (_, { metadata }: CallContext) => Buffer.from(JSON.stringify(metadata))),
    stream('list', async function* ([count = 0]) {
      for (let index = 0; index < count; index++) yield bytes(index);
    }),
    bidirectionalStream('repeat', async function* (_, payloads) {
      yield* payloads;
    }),
    clientStream('count', async (_, payloads) => {
      let count = 0;
      for await (const item of payloads) count += item.length;
      return bytes(count);
    }),
  ];

  test.each(Object.entries(attempts))('%s', async (_, attempt) => {
    const limits = {
      maxMessageBytes: 5_000,
      maxMetadataBytes: 1_000,
      maxInFlightCalls: 3,
      callerWindowBytes: 100,
    };
    const outcomes: unknown[] = [];
    for (const transport of [undefined, overSockets]) {
      const server = await serve(methods, { limits });
      const channel = await open(server.address, { transport, limits });
      outcomes.push(plain(await attempt(channel, server)));
      channel.close();
      await server.close({ drainMs: 1 });
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
  });
});

/** An outcome as data: of an error, all that a caller could look at. */
function plain(outcome: unknown): unknown {
  if (Array.isArray(outcome)) return outcome.map(plain);
  if (!(outcome instanceof CodedError)) return outcome;
  const { code, data, message, name } = outcome;
  const { sent } = outcome as { readonly sent?: boolean };
  return { name, code, data, message, sent };
}
