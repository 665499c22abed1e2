import { request } from 'node:http';
import { createDeferred, VirtualClock } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  callValue,
  type Listener,
  type Method,
  methodId,
  openChannel,
  RpcError,
  serviceId,
  valueService,
} from '../src/index.js';
import { RpcServer, type RpcServerOptions } from '../src/server/index.js';
import { bytes, echo, echoService, rejection, Rig, stream, turn, unary, until } from './support/rig.js';
import { transports } from './support/transports.js';

type Accept = Parameters<Listener['listen']>[1];

async function listening(options: Partial<RpcServerOptions> = {}): Promise<RpcServer> {
  const server = new RpcServer({ address: '127.0.0.1:0', ...options });
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 1 }));
  return server;
}

describe('a server is for this machine only unless told otherwise', () => {
  test.each(['127.0.0.1:2100', '127.9.9.9:1', 'localhost:2100', '[::1]:2100', '[0:0:0:0:0:0:0:1]:2100'])(
    '%s is fine',
    (address) => void new RpcServer({ address }),
  );

  test.each(['0.0.0.0:2100', '[::]:2100', '10.0.0.7:2100', 'db.example.org:2100', '127.0.0.1.example.org:1'])(
    '%s needs insecure: true',
    (address) => {
      expect(() => new RpcServer({ address })).toThrow('insecure: true');
      expect(() => new RpcServer({ address })).toThrow(RpcError);
      void new RpcServer({ address, insecure: true });
    },
  );

  test.each(['2100', 'a', 'a:b', '::1:2100', '[::1]', 'a:70000', ''])('%s is no address', (address) => {
    expect(() => new RpcServer({ address, insecure: true })).toThrow('is no address');
  });

  test('it listens on IPv6 and says where', async () => {
    const server = await listening({ address: '[::1]:0' });
    server.register('test', echoService);
    expect(server.address).toMatch(/^\[::1\]:[1-9]\d*$/);
    const channel = await openChannel(server.address);
    expect(await channel.call(serviceId('test'), methodId('echo'), bytes(1))).toEqual(bytes(1));
    channel.close();
  });

  test('a port that is taken is Unavailable', async () => {
    const server = await listening();
    const second = new RpcServer({ address: server.address });
    expect(await rejection(second.listen())).toMatchObject({ code: 'Unavailable' });
  });
});

describe('browsers', () => {
  function connect(address: string, origin: string | undefined): Promise<string> {
    const socket = new WebSocket(`ws://${address}`, origin === undefined ? {} : { origin });
    return new Promise((resolve) => {
      socket.on('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.on('error', (error) => resolve(error.message));
    });
  }

  test.each([
    ['with no Origin connects', undefined, 'open'],
    ['with an Origin of the list connects', 'https://app.example.org', 'open'],
    ['with another Origin gets 403', 'https://evil.example.org', 'Unexpected server response: 403'],
    [
      'with an Origin that only begins alike gets 403',
      'https://app.example.org.evil',
      'Unexpected server response: 403',
    ],
    ['with the Origin null gets 403', 'null', 'Unexpected server response: 403'],
  ])('a client %s', async (_, origin, outcome) => {
    const server = await listening({ origins: ['https://app.example.org'] });
    expect(await connect(server.address, origin)).toBe(outcome);
  });

  test('the log tells once which origin was refused, and what to do about it', async () => {
    const told: string[] = [];
    const server = await listening({ logger: { log: (level, words) => told.push(`${level}: ${words}`) } });
    for (let count = 0; count < 3; count++) await connect(server.address, 'https://app.example.org');
    expect(told.filter((words) => words.startsWith('warn'))).toEqual([
      'warn: a page of https://app.example.org was refused: to let it in, add that origin to `origins`',
    ]);
  });

  test('refused pages do not fill the log', async () => {
    const told: string[] = [];
    const server = await listening({ logger: { log: (level) => told.push(level) } });
    for (let count = 0; count < 200; count++) await connect(server.address, `https://${count}.example.org`);
    expect(told.length).toBeLessThan(100);
  });

  test.each([
    ['https://app.example.org/', 'https://app.example.org'],
    ['https://app.example.org:443', 'https://app.example.org'],
    ['https://APP.example.org', 'https://app.example.org'],
    ['https://app.example.org/path', 'https://app.example.org'],
    ['app.example.org', 'https://'],
    ['null', 'https://'],
    ['*', 'https://'],
  ])('an origin that no browser sends is refused with what it should be: %s', (origin, hint) => {
    const create = () => new RpcServer({ address: '127.0.0.1:0', origins: [origin] });
    expect(create).toThrow(RpcError);
    expect(create).toThrow(/^InvalidArgument: origins: /);
    expect(create).toThrow(hint);
  });

  test('the origin of an extension, and a port of its own, are origins', () => {
    void new RpcServer({
      address: '127.0.0.1:0',
      origins: ['chrome-extension://abc', 'http://localhost:8080'],
    });
  });

  test('plain HTTP gets 426', async () => {
    const server = await listening();
    const [host, port] = server.address.split(':');
    const status = await new Promise((resolve) => {
      request({ host, port }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(426);
  });
});

describe('services', () => {
  test('two that collide are an error when they are registered', () => {
    const server = new RpcServer({ address: '127.0.0.1:0' });
    server.register('a', echoService, { id: 2 });
    expect(() => server.register('b', echoService, { id: 2 })).toThrow("services 'a' and 'b' share the ID 2");
    expect(() => server.register('a', echoService)).toThrow("service 'a' is registered already");
    expect(() => server.register('c', { methods: [echo, echo] })).toThrow('share the ID');
    expect(() => server.register('c', echoService, { id: -1 })).toThrow('no 32-bit integer');
    expect(() => server.register('c', { methods: [{ ...echo, id: 2 ** 32 }] })).toThrow('no 32-bit integer');
    server.register('c', echoService, { id: 2 ** 32 - 1 });
  });

  test('are reached by the IDs they were given', async () => {
    const server = await listening();
    const method: Method = { ...echo, id: 7 };
    server.register('second', { methods: [method] }, { id: 2 });
    const channel = await openChannel(server.address);
    expect(await channel.call(2, 7, bytes(1))).toEqual(bytes(1));
    expect(await rejection(channel.call(serviceId('second'), 7, bytes()))).toMatchObject({
      code: 'Unimplemented',
    });
    channel.close();
  });

  test('take and give values by name', async () => {
    const server = await listening();
    const counts = new Map([['a', 1n]]);
    server.register(
      'values',
      valueService({
        add: (left: number, right: number) => left + right,
        later: async (value: unknown) => ({ value }),
        counts: () => counts,
        self(this: unknown) {
          return typeof this;
        },
        odd: () => () => 1,
        async oddLater() {
          return Symbol('s');
        },
      }),
    );
    const channel = await openChannel(server.address);
    const call = (method: string, ...args: unknown[]) => callValue(channel, 'values', method, args);
    expect(await call('add', 1, 2)).toBe(3);
    expect(await call('later', undefined)).toEqual({ value: undefined });
    expect(await call('counts')).toEqual(counts);
    expect(await call('self')).toBe('object');
    expect(await rejection(call('odd'))).toMatchObject({ code: 'InvalidArgument' });
    expect(await rejection(call('oddLater'))).toMatchObject({ code: 'InvalidArgument' });
    expect(await rejection(call('add', () => 1))).toMatchObject({ code: 'InvalidArgument', sent: false });
    expect(await rejection(call('constructor'))).toMatchObject({ code: 'Unimplemented' });
    const odd = channel.call(serviceId('values'), methodId('add'), bytes(1));
    expect(await rejection(odd)).toMatchObject({ code: 'InvalidArgument' });
    channel.close();
  });
});

describe.each(transports)('a server $name', ({ create }) => {
  test('makes a service unreachable at once: streams end, running calls finish', async () => {
    const answer = createDeferred<Uint8Array>();
    let calls = 0;
    const rig = await Rig.start(
      [
        unary('slow', () => ((calls += 1), answer.promise)),
        stream('wait', async function* (_, { signal }) {
          yield bytes(1);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        }),
      ],
      { transport: create() },
    );
    const items = rig.stream('wait')[Symbol.asyncIterator]();
    await items.next();
    const running = rig.call('slow');
    await until(() => calls === 1);
    rig.server.unregister('test');
    rig.server.unregister('nothing');
    expect(await rejection(items.next())).toMatchObject({ code: 'Unavailable' });
    expect(await rejection(rig.call('slow'))).toMatchObject({ code: 'Unavailable', sent: false });
    answer.resolve(bytes(5));
    expect(await running).toEqual(bytes(5));
    expect(calls).toBe(1);
    rig.server.register('test', echoService);
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });

  test('drains: refuses what is new, finishes what runs, then closes', async () => {
    const answer = createDeferred<Uint8Array>();
    let calls = 0;
    const rig = await Rig.start([unary('slow', () => ((calls += 1), answer.promise)), echo], {
      transport: create(),
    });
    const running = rig.call('slow');
    await until(() => calls === 1);
    let hasClosed = false;
    const closing = rig.server.close({ drainMs: 60_000 }).then(() => (hasClosed = true));
    await until(() => !rig.channel.isOpen, 'the goodbye');
    expect(await rejection(rig.call('echo'))).toMatchObject({ code: 'Unavailable', sent: false });
    expect(await rejection(openChannel(rig.server.address, { transport: create().dialer }))).toMatchObject({
      code: 'Unavailable',
    });
    expect(hasClosed).toBe(false);
    answer.resolve(bytes(7));
    expect(await running).toEqual(bytes(7));
    await closing;
    expect((await rig.channel.closed).message).toContain('1001');
    expect(await rejection(rig.server.listen())).toMatchObject({ code: 'Unavailable' });
  });

  test('waits for running calls no longer than it was told', async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const never = new Promise<Uint8Array>(() => undefined);
    const rig = await Rig.start([unary('hangs', (_, { signal }) => (signals.push(signal), never))], {
      transport: create(),
      clock,
    });
    const running = rejection(rig.call('hangs'));
    await until(() => signals.length === 1);
    const closing = rig.server.close({ drainMs: 300 });
    await until(() => !rig.channel.isOpen);
    clock.advance(299);
    await turn();
    expect(signals[0]?.aborted).toBe(false);
    clock.advance(1);
    await closing;
    expect(signals[0]?.aborted).toBe(true);
    expect(await running).toMatchObject({ code: 'Unavailable', sent: true });
  });

  test('does not wait for a call whose deadline has passed', async () => {
    const clock = new VirtualClock();
    const never = new Promise<Uint8Array>(() => undefined);
    let calls = 0;
    const rig = await Rig.start([unary('hangs', () => ((calls += 1), never))], {
      transport: create(),
      clock,
    });
    const running = rejection(rig.call('hangs', bytes(), { timeoutMs: 100 }));
    await until(() => calls === 1);
    const closing = rig.server.close({ drainMs: 60_000 });
    await until(() => !rig.channel.isOpen);
    clock.advance(100);
    expect(await running).toMatchObject({ code: 'DeadlineExceeded' });
    await closing;
  });

  test('ends streams when it drains, since they might never', async () => {
    const rig = await Rig.start(
      [
        stream('wait', async function* (_, { signal }) {
          yield bytes(1);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        }),
      ],
      { transport: create() },
    );
    const items = rig.stream('wait')[Symbol.asyncIterator]();
    await items.next();
    const ending = rejection(items.next());
    await rig.server.close({ drainMs: 60_000 });
    expect(await ending).toMatchObject({ code: 'Unavailable' });
  });

  test('closes the connection beyond those it may hold', async () => {
    const transport = create();
    const rig = await Rig.start([echo], { transport, serverLimits: { maxConnections: 1 } });
    const second = openChannel(rig.server.address, { transport: transport.dialer });
    expect(await rejection(second)).toMatchObject({ code: 'Unavailable' });
    expect(await rig.call('echo', bytes(1))).toEqual(bytes(1));
  });
});

test('a connection that was on its way when the server closed is ended at once', async () => {
  const ended = createDeferred<number>();
  let accept: Accept | undefined;
  const listener: Listener = {
    listen: (address, given) => {
      accept = given;
      return Promise.resolve({ address, close: () => ended.promise.then(() => undefined) });
    },
  };
  const server = new RpcServer({ address: '127.0.0.1:1', listener });
  await server.listen();
  const closing = server.close();
  await turn();
  const nothing = () => undefined;
  const late = { remoteAddress: 'late', bufferedBytes: 0, send: nothing, pause: nothing, resume: nothing };
  accept?.({ ...late, abort: nothing, close: ended.resolve });
  expect(await ended.promise).toBe(1_001);
  await closing;
});
