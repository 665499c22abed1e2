import { connect } from 'node:net';
import { ByteReader, ByteWriter, createDeferred, type Logger, VirtualClock } from '@decoraft/base';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  callValue,
  encodeValue,
  methodId,
  openChannel,
  type RpcLimits,
  serviceId,
  valueService,
} from '../src/index.js';
import { decodeRefusal } from '../src/error-codec.js';
import {
  type FrameSink,
  readFrame,
  type RequestFrame,
  writeBare,
  writeCredit,
  writePayload,
  writeRequest,
} from '../src/frames.js';
import { readHello, writeHello } from '../src/hello.js';
import { defaultLimits } from '../src/limits.js';
import { RpcServer } from '../src/server/index.js';
import { handshake, message, RawClient } from './support/raw-client.js';
import { bidirectionalStream, bytes, clientStream, rejection, stream, unary, until } from './support/rig.js';

interface Victim {
  readonly server: RpcServer;
  /** Lets the calls of `hangs` return. */
  release(): void;
  /** Fails unless somebody else is still served. */
  isFine(): Promise<void>;
}

/** A server with an honest client beside whatever the test does to it. */
async function victim(
  limits: Partial<RpcLimits> = {},
  logger?: Logger,
  clock?: VirtualClock,
): Promise<Victim> {
  const server = new RpcServer({ address: '127.0.0.1:0', limits, logger, clock });
  server.register('values', valueService({ echo: (value: unknown) => value }));
  const large = new Uint8Array(100_000);
  const held = createDeferred<Uint8Array>();
  server.register('bytes', {
    methods: [
      unary('large', () => large),
      unary('hangs', () => held.promise),
      stream('count', async function* () {
        for (;;) yield large;
      }),
      clientStream('gather', async (_, payloads) => {
        for await (const item of payloads) if (item.length === 3) return item;
        return bytes();
      }),
      bidirectionalStream('converse', async function* (_, payloads) {
        yield* payloads;
      }),
      clientStream('deaf', () => held.promise),
    ],
  });
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 1 }));
  const honest = await openChannel(server.address, { clock });
  onTestFinished(() => honest.close());
  return {
    server,
    release: () => held.resolve(bytes()),
    async isFine() {
      expect(await callValue(honest, 'values', 'echo', ['still here'])).toBe('still here');
    },
  };
}

function request(
  kind: RequestFrame['kind'],
  requestId: number,
  fields: Partial<RequestFrame> = {},
): RequestFrame {
  return {
    kind,
    requestId,
    service: serviceId('bytes'),
    method: methodId('large'),
    remainingMs: undefined,
    metadata: undefined,
    creditBytes: 100,
    payload: bytes(),
    ...fields,
  };
}

describe('a connection that breaks the protocol is closed with a code and a reason, and nobody else notices', () => {
  test('before its hello', async () => {
    const { server, isFine } = await victim();
    const wrongMagic = message((sink) =>
      writePayload(sink, 'hello', 0, new ByteWriter().u32(7).u16(1).finish()),
    );
    const otherVersion = message((sink) =>
      writePayload(sink, 'hello', 0, new ByteWriter().u32(0x43505244).u16(9).u32(1).finish()),
    );
    const twoFrames = message((sink) => {
      writeHello(sink, defaultLimits);
      writeBare(sink, 'ping');
    });
    for (const [sent, end] of [
      ['{"jsonrpc":"2.0"}', '1003 text is not of this protocol'],
      [bytes(1, 2, 3), '1002 4 bytes declared at byte 0, 3 left'],
      [bytes(), '1002 4 bytes declared at byte 0, 0 left'],
      [new Uint8Array(1_000).fill(0xff), '1002 a frame of 4294967295 bytes declared, 996 left'],
      [message((sink) => writeRequest(sink, request('call', 1))), '1002 the first frame is call, not hello'],
      [wrongMagic, '1002 the first frame is not of this protocol'],
      [otherVersion, '1002 protocol version 9 is not known, this side speaks 1'],
      [twoFrames, '1002 9 bytes too many'],
    ] as const) {
      const client = await RawClient.connect(server.address, { greet: false });
      client.socket.send(sent);
      expect(await client.ended()).toBe(end);
    }
    await isFine();
  });

  test('after its hello', async () => {
    const { server, isFine } = await victim();
    const method = methodId('hangs');
    const hello = message((sink) => writeHello(sink, defaultLimits));
    const unknownKind = new ByteWriter().u32(5).u8(99).u32(0).finish();
    const unknownFlags = new ByteWriter().u32(14).u8(2).u32(1).u8(0x80).u32(1).u32(1).finish();
    const tooShort = new ByteWriter().u32(6).u8(2).u32(1).u8(0).u32(1).u32(1).finish();
    const tooLong = new ByteWriter().u32(6).u8(12).u32(1).u8(0).finish();
    const badMetadata = message((sink) =>
      writeRequest(sink, request('call', 1, { metadata: bytes(9, 0, 1) })),
    );
    const twice = message((sink) => {
      writeRequest(sink, request('call', 1, { method }));
      writeRequest(sink, request('call', 1, { method }));
    });
    const manyFrames = message((sink) => {
      for (let index = 0; index < 40_000; index++) writeBare(sink, 'ping');
    });
    for (const [sent, end] of [
      ['text', '1003 text is not of this protocol'],
      [hello, '1002 hello is not for a client to send now'],
      [
        message((sink) => writePayload(sink, 'reply', 1, bytes())),
        '1002 reply is not for a client to send now',
      ],
      [message((sink) => writeBare(sink, 'goodbye')), '1002 goodbye is not for a client to send now'],
      [unknownKind, '1002 frame kind 99 is not known'],
      [unknownFlags, '1002 request flags 128 are not known'],
      [tooShort, '1002 a frame is 8 bytes shorter than its fields'],
      [tooLong, '1002 a frame is not as long as its fields'],
      [badMetadata, '1002 4 bytes declared at byte 2, 1 left'],
      [twice, '1002 request 1 is running already'],
      [manyFrames, '1002 360000 bytes hold more than one frame'],
    ] as const) {
      const client = await RawClient.connect(server.address);
      client.socket.send(sent);
      expect(await client.ended()).toBe(end);
    }
    await isFine();
  });

  test('with random bytes after its hello', async () => {
    const log = vi.fn<Logger['log']>();
    const { server, isFine } = await victim({}, { log });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.boolean(), async (random, isFramed) => {
        const client = await RawClient.connect(server.address);
        const framed = new ByteWriter().bytes(random).finish();
        client.socket.send(isFramed ? framed : random);
        client.send((sink) => writePayload(sink, 'reply', 1, bytes()));
        expect(await client.ended()).toMatch(/^1002 /);
      }),
      { numRuns: 200 },
    );
    expect(log).not.toHaveBeenCalledWith('error', expect.anything(), expect.anything());
    await isFine();
  });

  test.each(['gather', 'converse'] as const)('with items into %s that it was not asked for', async (kind) => {
    const { server, isFine } = await victim({ callerWindowBytes: 1_000 });
    const method = methodId(kind);
    const open = (sink: FrameSink) => writeRequest(sink, request(kind, 1, { method }));
    const item = (sink: FrameSink, length = 1) => writePayload(sink, 'item', 1, new Uint8Array(length));
    const cases: readonly (readonly [(sink: FrameSink) => void, string])[] = [
      [(sink) => item(sink), 'request 1 takes no items'],
      [
        (sink) => {
          writeRequest(sink, request('call', 1, { method: methodId('hangs') }));
          item(sink);
        },
        'request 1 takes no items',
      ],
      [
        (sink) => {
          open(sink);
          writeBare(sink, 'end', 1);
          item(sink);
        },
        'request 1 takes no items',
      ],
      [
        (sink) => {
          open(sink);
          writeBare(sink, 'cancel', 1);
          item(sink);
        },
        'request 1 takes no items',
      ],
      [
        (sink) => {
          open(sink);
          open(sink);
        },
        'request 1 is running already',
      ],
    ];
    for (const [write, end] of cases) {
      const client = await RawClient.connect(server.address);
      client.send(write);
      expect(await client.ended()).toBe(`1002 ${end}`);
    }
    await isFine();
  });

  test('with more items than it was granted', async () => {
    const { server, isFine } = await victim({ callerWindowBytes: 1_000 });
    const client = await RawClient.connect(server.address);
    client.send((sink) => {
      writeRequest(sink, request('gather', 1, { method: methodId('deaf') }));
      for (let index = 0; index < 3; index++) writePayload(sink, 'item', 1, new Uint8Array(500));
    });
    expect(await client.ended()).toBe('1002 an item for request 1 is more than was granted');
    expect(client.frames).toContainEqual({ kind: 'credit', requestId: 1, bytes: 1_000 });
    await isFine();
  });

  test('with a request whose items it has not ended, though it has the answer', async () => {
    const { server, isFine } = await victim();
    const client = await RawClient.connect(server.address);
    const gather = (sink: FrameSink) =>
      writeRequest(sink, request('gather', 1, { method: methodId('gather') }));
    client.send((sink) => {
      gather(sink);
      writePayload(sink, 'item', 1, bytes(1, 2, 3));
    });
    await until(() => client.frames.some(({ kind }) => kind === 'reply'));
    // On the way when the answer was given: they are dropped, and the connection goes on.
    client.send((sink) => {
      writePayload(sink, 'item', 1, bytes(4));
      writeBare(sink, 'end', 1);
      gather(sink);
      writeBare(sink, 'end', 1);
    });
    await until(() => client.frames.filter(({ kind }) => kind === 'reply').length === 2);
    client.send((sink) => {
      gather(sink);
      writePayload(sink, 'item', 1, bytes(1, 2, 3));
    });
    await until(() => client.frames.filter(({ kind }) => kind === 'reply').length === 3);
    client.send(gather);
    expect(await client.ended()).toBe('1002 request 1 is running already');
    await isFine();
  });

  test('with a message above the limit', async () => {
    const { server, isFine } = await victim({ maxMessageBytes: 10_000 });
    const client = await RawClient.connect(server.address);
    client.send((sink) => writeRequest(sink, request('call', 1, { payload: new Uint8Array(10_000) })));
    expect(await client.ended()).toMatch(/^1009 /);
    await isFine();
  });

  test('with a header that declares a gigabyte', async () => {
    const { server, isFine } = await victim();
    const socket = await handshake(server.address);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    // FIN and binary; masked with a length of 64 bits; 2^30.
    socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]));
    await closed;
    await isFine();
  });

  test('with endless fragments', async () => {
    const { server, isFine } = await victim();
    const socket = await handshake(server.address);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    const fragment = (opcode: number) => Buffer.from([opcode, 0x81, 0, 0, 0, 0, 7]);
    socket.write(Buffer.concat([fragment(0x02), ...Array.from({ length: 100 }, () => fragment(0x00))]));
    await closed;
    await isFine();
  });

  test('with silence instead of a hello', async () => {
    const clock = new VirtualClock();
    const { server, isFine } = await victim({ helloTimeoutMs: 700 }, undefined, clock);
    const client = await RawClient.connect(server.address, { greet: false });
    clock.advance(700);
    expect(await client.ended()).toBe('1008 no hello within 700 ms');
    await isFine();
  });

  test('with nothing at all after connecting to the port', async () => {
    const { server, isFine } = await victim({ helloTimeoutMs: 100 });
    const [host = '', port] = server.address.split(':');
    const socket = connect({ host, port: Number(port) });
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    await isFine();
  });
});

describe('a client that takes more than its share', () => {
  test('and never reads is paused, then closed, in bounded memory', async () => {
    const log = vi.fn<Logger['log']>();
    const limits = { highWaterBytes: 200_000, maxBufferedBytes: 2_000_000, closeTimeoutMs: 100 };
    const { server, isFine } = await victim(limits, { log });
    const client = await RawClient.connect(server.address);
    client.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    let requestId = 0;
    const flood = setInterval(() => {
      if (client.socket.bufferedAmount > 1_000_000) return;
      client.send((sink) => {
        for (let index = 0; index < 500; index++) writeRequest(sink, request('call', ++requestId));
      });
    }, 1);
    onTestFinished(() => clearInterval(flood));
    const ended = () => log.mock.calls.some(([, , fields]) => String(fields?.reason).includes('too many'));
    await until(ended, 'the end of the connection');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    await isFine();
  });

  test('and reads slowly gets all of its answers', async () => {
    const { server, isFine } = await victim({ highWaterBytes: 100_000 });
    const client = await RawClient.connect(server.address);
    client.socket.pause();
    for (let requestId = 1; requestId <= 200; requestId++) {
      client.send((sink) => writeRequest(sink, request('call', requestId)));
    }
    await isFine();
    client.socket.resume();
    await until(() => client.frames.filter(({ kind }) => kind === 'reply').length === 200, 'every reply');
    expect(client.end).toBeUndefined();
  });

  test('of calls is Overloaded, also for those that it has abandoned', async () => {
    const { server, isFine } = await victim({ maxInFlightCalls: 3 });
    const client = await RawClient.connect(server.address);
    const method = methodId('hangs');
    const refusals = () =>
      client.frames.flatMap((frame) =>
        frame.kind === 'refuse' ? [[frame.requestId, decodeRefusal(frame.payload).code]] : [],
      );
    for (let id = 1; id <= 4; id++)
      client.send((sink) => writeRequest(sink, request('call', id, { method })));
    await until(() => refusals().length === 1);
    expect(refusals()).toEqual([[4, 'Overloaded']]);
    for (let id = 5; id <= 20; id++) {
      client.send((sink) => {
        writeBare(sink, 'cancel', id === 5 ? 1 : id - 1);
        writeRequest(sink, request('call', id, { method }));
      });
    }
    await until(() => refusals().length > 10);
    expect(refusals().length).toBe(1 + 16 - 3);
    await isFine();
  });

  test('of bytes in its calls is Overloaded, and leaves room for others on the server', async () => {
    const limits = { maxInFlightBytes: 2_500, maxServerCallBytes: 6_000 };
    const { server, isFine, release } = await victim(limits);
    const fields = { method: methodId('hangs'), payload: new Uint8Array(1_000) };
    const refusals = async () => {
      const client = await RawClient.connect(server.address);
      for (let id = 1; id <= 6; id++) client.send((sink) => writeRequest(sink, request('call', id, fields)));
      client.send((sink) => writeBare(sink, 'ping'));
      await until(() => client.frames.some(({ kind }) => kind === 'pong'));
      await isFine();
      return client.frames.flatMap((frame) =>
        frame.kind === 'refuse' ? [decodeRefusal(frame.payload).code] : [],
      );
    };
    const refused = (count: number) => Array.from({ length: count }, () => 'Overloaded');
    expect(await refusals()).toEqual(refused(4));
    expect(await refusals()).toEqual(refused(4));
    expect(await refusals()).toEqual(refused(5));
    release();
    await isFine();
    expect((await refusals()).length).toBeLessThanOrEqual(4);
  });

  test('of calls on the whole server is Overloaded, also when it comes back under another connection', async () => {
    const { server, isFine } = await victim({ maxServerCalls: 10 });
    const taken: number[] = [];
    for (let connection = 0; connection < 6; connection++) {
      const client = await RawClient.connect(server.address);
      for (let id = 1; id <= 8; id++) {
        client.send((sink) => writeRequest(sink, request('call', id, { method: methodId('hangs') })));
      }
      client.send((sink) => writeBare(sink, 'ping'));
      await until(() => client.frames.some(({ kind }) => kind === 'pong'));
      taken.push(8 - client.frames.filter(({ kind }) => kind === 'refuse').length);
      client.socket.terminate();
      if (connection < 3) await isFine();
    }
    expect(taken).toEqual([5, 3, 1, 1, 0, 0]);
  });

  test('of what waits to be read on all connections together: the one with most of it is ended', async () => {
    const log = vi.fn<Logger['log']>();
    const limits = {
      highWaterBytes: 400_000,
      maxBufferedBytes: 200_000_000,
      maxServerBufferedBytes: 8_000_000,
    };
    const { server, isFine } = await victim(limits, { log });
    const ended = () =>
      log.mock.calls.filter(([, , fields]) => String(fields?.reason).includes('all connections together'));
    const clients: RawClient[] = [];
    while (ended().length < 3) {
      const client = await RawClient.connect(server.address);
      client.socket.pause();
      clients.push(client);
      client.send((sink) => {
        for (let id = 1; id <= 200; id++) writeRequest(sink, request('call', id));
      });
      await isFine();
      expect(clients.length).toBeLessThan(100);
    }
    await isFine();
    for (const client of clients) client.socket.terminate();
  });

  test('of requests whose items it never ends is Overloaded', async () => {
    const { server, isFine } = await victim({ maxStreams: 3 });
    const client = await RawClient.connect(server.address);
    for (let id = 1; id <= 7; id++) {
      client.send((sink) => {
        writeRequest(sink, request('gather', id, { method: methodId('gather') }));
        writePayload(sink, 'item', id, bytes(1, 2, 3));
      });
      await until(() => client.frames.some((frame) => 'requestId' in frame && frame.requestId === id));
      await isFine();
    }
    const kinds = client.frames.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'reply')).toHaveLength(6);
    expect(kinds.filter((kind) => kind === 'refuse')).toHaveLength(1);
    // An item into a request that was refused is one that nobody has asked for.
    expect(await client.ended()).toBe('1002 request 7 takes no items');
    await isFine();
  });

  test('of bytes in its items is Overloaded, and leaves room for others on the server', async () => {
    const limits = { callerWindowBytes: 10_000, maxInFlightBytes: 25_000, maxServerCallBytes: 60_000 };
    const { server, isFine } = await victim(limits);
    const client = await RawClient.connect(server.address);
    const method = methodId('deaf');
    client.send((sink) => {
      for (let id = 1; id <= 4; id++) writeRequest(sink, request('gather', id, { method }));
    });
    const requestsOf = (kind: string) =>
      client.frames.flatMap((frame) =>
        frame.kind === kind && 'requestId' in frame ? [frame.requestId] : [],
      );
    await until(() => requestsOf('refuse').length === 2);
    expect([requestsOf('credit'), requestsOf('refuse')]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await isFine();
    // An item far larger than its window finds no room either: that request ends, and no other.
    client.send((sink) => writePayload(sink, 'item', 1, new Uint8Array(40_000)));
    await until(() => requestsOf('fail').length === 1);
    expect(requestsOf('fail')).toEqual([1]);
    client.send((sink) => writePayload(sink, 'item', 2, new Uint8Array(10)));
    await isFine();
    expect(client.end).toBeUndefined();
  });

  test('of streams is Overloaded, and credit without a stream means nothing', async () => {
    const { server, isFine } = await victim({ maxStreams: 2 });
    const client = await RawClient.connect(server.address);
    const method = methodId('count');
    client.send((sink) => writeCredit(sink, 77, 5));
    for (let id = 1; id <= 3; id++)
      client.send((sink) => writeRequest(sink, request('open', id, { method })));
    const count = (kind: string): number => client.frames.filter((frame) => frame.kind === kind).length;
    await until(() => count('refuse') > 0 && count('item') > 1);
    await isFine();
    expect([count('refuse'), count('item')]).toEqual([1, 2]);
  });

  test('of its patience: a call that it has cancelled is not answered, whatever its handler gives', async () => {
    const { server, isFine, release } = await victim();
    const client = await RawClient.connect(server.address);
    client.send((sink) => {
      writeRequest(sink, request('call', 1, { method: methodId('hangs') }));
      writeBare(sink, 'cancel', 1);
    });
    await isFine();
    release();
    await isFine();
    client.send((sink) => writeBare(sink, 'ping'));
    await until(() => client.frames.length > 1);
    expect(client.frames.map(({ kind }) => kind)).toEqual(['hello', 'pong']);
  });

  test('of metadata is refused', async () => {
    const { server, isFine } = await victim({ maxMetadataBytes: 100 });
    const client = await RawClient.connect(server.address);
    client.send((sink) => writeRequest(sink, request('call', 1, { metadata: new Uint8Array(101) })));
    await until(() => client.frames.some(({ kind }) => kind === 'refuse'));
    await isFine();
  });

  test('with all the credit in the world is held by the high-water mark', async () => {
    const limits = { highWaterBytes: 300_000, maxBufferedBytes: 20_000_000 };
    const { server, isFine } = await victim(limits);
    const client = await RawClient.connect(server.address);
    client.socket.pause();
    const method = methodId('count');
    const before = process.memoryUsage().arrayBuffers;
    for (let id = 1; id <= 20; id++) {
      client.send((sink) => writeRequest(sink, request('open', id, { method, creditBytes: 0xffff_ffff })));
    }
    for (let round = 0; round < 50; round++) await isFine();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    client.socket.resume();
    await until(() => client.frames.length > 200, 'items after the pause');
    client.socket.terminate();
    await isFine();
  });
});

describe('hostile values reach the handler as data or come back as InvalidArgument', () => {
  test.each([
    ['10,000 levels', Buffer.concat([Buffer.alloc(10_000, 0x91), Buffer.from([0xc0])])],
    ['a declared gigabyte', Buffer.from([0xc6, 0x40, 0, 0, 0, 1])],
    ['a record definition', Buffer.from([0x91, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01])],
    ['no array', Buffer.from([0x80])],
  ])('%s', async (_, payload) => {
    const { server, isFine } = await victim();
    const channel = await openChannel(server.address);
    const call = channel.call(serviceId('values'), methodId('echo'), payload);
    expect(await rejection(call)).toMatchObject({ code: 'InvalidArgument' });
    channel.close();
    await isFine();
  });

  test('keys that objects have already', async () => {
    const { server, isFine } = await victim();
    const channel = await openChannel(server.address);
    const value: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":2},"toJSON":3,"then":4}',
    );
    const result = await callValue(channel, 'values', 'echo', [value]);
    expect(Object.keys(result ?? {})).toEqual(['__proto__', 'constructor', 'toJSON', 'then']);
    expect({}).not.toHaveProperty('polluted');
    channel.close();
    await isFine();
  });
});

/** A server that answers each message with what it is told to. */
async function rogue(answers: readonly (Uint8Array | string)[]): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  server.on('connection', (socket) => {
    let count = 0;
    socket.on('message', () => {
      const answer = answers[count++];
      if (answer !== undefined) socket.send(answer);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  return `127.0.0.1:${address.port}`;
}

describe('a server that breaks the protocol loses its channel, and the client goes on', () => {
  const hello = message((sink) => writeHello(sink, defaultLimits));

  test.each([
    ['text instead of a hello', 'hello'],
    ['garbage instead of a hello', bytes(1, 2, 3, 4, 5, 6, 7, 8, 9)],
    ['a reply instead of a hello', message((sink) => writePayload(sink, 'reply', 1, bytes()))],
  ])('%s', async (_, answer) => {
    const address = await rogue([answer]);
    expect(await rejection(openChannel(address))).toMatchObject({ code: 'Unavailable' });
  });

  test.each([
    ['text', 'text'],
    ['garbage', bytes(1, 2, 3)],
    ['an item for a call', message((sink) => writePayload(sink, 'item', 1, bytes()))],
    ['credit for a call', message((sink) => writeCredit(sink, 1, 5))],
    ['an end for a call', message((sink) => writeBare(sink, 'end', 1))],
    ['a request', message((sink) => writeRequest(sink, request('call', 1)))],
    ['an error that cannot be read', message((sink) => writePayload(sink, 'fail', 1, bytes(0xc1)))],
    ['an error of the wrong shape', message((sink) => writePayload(sink, 'refuse', 1, encodeValue([1])))],
  ])('%s', async (_, answer) => {
    const channel = await openChannel(await rogue([hello, answer]));
    expect(await rejection(channel.call(1, 1, bytes()))).toMatchObject({ code: 'Unavailable', sent: true });
    await channel.closed;
  });

  test('more items than it has credit for', async () => {
    const items = message((sink) => {
      for (let index = 0; index < 5; index++) writePayload(sink, 'item', 1, new Uint8Array(100));
    });
    const address = await rogue([hello, items]);
    const channel = await openChannel(address, { limits: { streamWindowBytes: 200 } });
    channel.stream(1, 1, bytes())[Symbol.asyncIterator]();
    expect(await channel.closed).toMatchObject({ message: expect.stringContaining('broke the protocol') });
  });

  test('answers to what nobody asked are dropped', async () => {
    const late = message((sink) => {
      writePayload(sink, 'reply', 99, bytes());
      writePayload(sink, 'item', 98, bytes());
      writeBare(sink, 'end', 97);
      writePayload(sink, 'reply', 1, bytes(5));
    });
    const channel = await openChannel(await rogue([hello, late]));
    expect(await channel.call(1, 1, bytes())).toEqual(bytes(5));
    expect(channel.isOpen).toBe(true);
    channel.close();
  });
});

describe('who is of an older build', () => {
  /** The hello of a build that knew no items of callers: 0 in place of the features. */
  const olderHello = () => {
    const ours = readFrame(new ByteReader(message((sink) => writeHello(sink, defaultLimits))));
    if (ours.kind !== 'hello') throw new Error('no hello');
    return message((sink) => writePayload(sink, 'hello', 0, ours.body));
  };

  test('as a server is never sent what it would not understand', async () => {
    const address = await rogue([olderHello(), message((sink) => writePayload(sink, 'reply', 3, bytes(5)))]);
    const channel = await openChannel(address);
    onTestFinished(() => channel.close());
    const items = async function* () {
      yield bytes(1);
    };
    expect(await rejection(channel.clientStream(1, 1, bytes(), items()))).toMatchObject({
      code: 'Unimplemented',
      sent: false,
    });
    const answers = channel.bidirectionalStream(1, 1, bytes(), items())[Symbol.asyncIterator]();
    expect(await rejection(answers.next())).toMatchObject({ code: 'Unimplemented', sent: false });
    expect(await channel.call(1, 1, bytes())).toEqual(bytes(5));
  });

  test('as a client is served as ever, and the version that both speak is still 1', async () => {
    const { server } = await victim();
    const client = await RawClient.connect(server.address, { greet: false });
    client.socket.send(olderHello());
    await until(() => client.frames.length === 1, 'the hello');
    client.send((sink) => writeRequest(sink, request('call', 1)));
    await until(() => client.frames.length === 2, 'the reply');
    expect(client.frames[1]?.kind).toBe('reply');
  });

  test('as we are one day: bits that this build does not know are passed over', () => {
    const ours = readFrame(new ByteReader(message((sink) => writeHello(sink, defaultLimits))));
    if (ours.kind !== 'hello') throw new Error('no hello');
    const later = message((sink) => writePayload(sink, 'hello', 0xffff_ffff, ours.body));
    expect(readHello(later)).toEqual(readHello(message((sink) => writeHello(sink, defaultLimits))));
    expect(readHello(olderHello())).toMatchObject({ takesItems: false });
  });
});

test('a handler that throws in every way there is does not end the process', async () => {
  const server = new RpcServer({ address: '127.0.0.1:0' });
  server.register('bad', {
    methods: [
      unary('undefined', () => {
        throw undefined;
      }),
      unary('null', () => Promise.reject(null)),
      stream('no iterable', () => null as never),
      stream('no bytes', async function* () {
        yield 'text' as never;
      }),
    ],
  });
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 1 }));
  const channel = await openChannel(server.address);
  onTestFinished(() => channel.close());
  const service = serviceId('bad');
  for (const name of ['undefined', 'null']) {
    expect(await rejection(channel.call(service, methodId(name), bytes()))).toMatchObject({
      code: 'Internal',
    });
  }
  for (const name of ['no iterable', 'no bytes']) {
    const items = channel.stream(service, methodId(name), bytes())[Symbol.asyncIterator]();
    expect(await rejection(items.next())).toMatchObject({ code: 'Internal' });
  }
});
