import { createDeferred, VirtualClock } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Channel, methodId, openChannel, type Service, serviceId } from '../src/index.js';
import { RpcServer, type ServerInterceptor, type ServiceOptions } from '../src/server/index.js';
import {
  bidirectionalStream,
  bytes,
  clientStream,
  echo,
  echoService,
  oneWay,
  rejection,
  stream,
  unary,
  until,
} from './support/rig.js';

async function listening(
  services: Readonly<Record<string, readonly [Service, ServiceOptions]>>,
  options: { readonly interceptors?: readonly ServerInterceptor[]; readonly clock?: VirtualClock } = {},
): Promise<{ readonly server: RpcServer; connect(): Promise<Channel> }> {
  const server = new RpcServer({ address: '127.0.0.1:0', ...options });
  for (const [name, [service, serviceOptions]] of Object.entries(services)) {
    server.register(name, service, serviceOptions);
  }
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 1 }));
  const connect = async () => {
    const channel = await openChannel(server.address);
    onTestFinished(() => channel.close());
    return channel;
  };
  return { server, connect };
}

function call(channel: Channel, service: string, method: string, payload = bytes()): Promise<Uint8Array> {
  return channel.call(serviceId(service), methodId(method), payload);
}

async function* items(...sizes: number[]): AsyncIterable<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

async function countOf(given: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0;
  for await (const item of given) count += item.length >= 0 ? 1 : 0;
  return count;
}

describe('the limits of a service', () => {
  test('of calls at once hold for all connections together, and for no other service', async () => {
    const answers: (() => void)[] = [];
    const busy: Service = {
      methods: [
        unary('wait', () => new Promise((resolve) => void answers.push(() => resolve(bytes(1))))),
        stream('list', async function* (_, { signal }) {
          yield bytes(1);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        }),
        clientStream('gather', async (_, payloads) => bytes(await countOf(payloads))),
        echo,
      ],
    };
    const { connect } = await listening({
      busy: [busy, { limits: { maxConcurrentCalls: 2 } }],
      other: [busy, {}],
    });
    const [first, second] = [await connect(), await connect()];
    const list = (channel: Channel) =>
      channel.stream(serviceId('busy'), methodId('list'), bytes())[Symbol.asyncIterator]();
    const running = call(first, 'busy', 'wait');
    const open = list(second);
    await Promise.all([open.next(), until(() => answers.length === 1)]);
    const gather = (channel: Channel, service: string) =>
      channel.clientStream(serviceId(service), methodId('gather'), bytes(), items(1, 1));
    for (const channel of [first, second]) {
      for (const refused of [call(channel, 'busy', 'echo'), list(channel).next(), gather(channel, 'busy')]) {
        expect(await rejection(refused)).toMatchObject({
          code: 'Overloaded',
          message: "Overloaded: 2 calls of service 'busy' are running, which is its limit",
          sent: false,
          retryAfterMs: 10,
        });
      }
      expect(await call(channel, 'other', 'echo', bytes(5))).toEqual(bytes(5));
      expect(await gather(channel, 'other')).toEqual(bytes(2));
    }
    answers.pop()?.();
    await running;
    expect(await call(second, 'busy', 'echo', bytes(5))).toEqual(bytes(5));
    expect(await gather(first, 'busy')).toEqual(bytes(2));
    await open.return?.();
  });

  test('of calls at once count a handler until it settles, and tell how long those took of late', async () => {
    const clock = new VirtualClock();
    const answers: (() => void)[] = [];
    const busy: Service = {
      methods: [unary('wait', () => new Promise((resolve) => void answers.push(() => resolve(bytes(1)))))],
    };
    const options = { limits: { maxConcurrentCalls: 1 } };
    const { connect } = await listening({ busy: [busy, options] }, { clock });
    const channel = await connect();
    for (let round = 0; round < 40; round++) {
      const running = call(channel, 'busy', 'wait');
      await until(() => answers.length === 1);
      clock.advance(400);
      answers.pop()?.();
      await running;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const abandoned = rejection(channel.call(serviceId('busy'), methodId('wait'), bytes(), { signal }));
    await until(() => answers.length === 1);
    controller.abort();
    await abandoned;
    const refusal = await rejection(call(channel, 'busy', 'wait'));
    expect(refusal).toMatchObject({ code: 'Overloaded', retryAfterMs: expect.any(Number) });
    const { retryAfterMs } = refusal as { readonly retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(380);
    expect(retryAfterMs).toBeLessThanOrEqual(400);
    answers.pop()?.();
    // Whoever waited is gone: the place is free when its handler is done.
    const last = call(channel, 'busy', 'wait');
    await until(() => answers.length === 1);
    answers.pop()?.();
    expect(await last).toEqual(bytes(1));
  });

  test('of bytes refuse payloads and items that are larger, and no other', async () => {
    const sent: number[] = [];
    const small: Service = {
      methods: [
        unary('echo', (payload) => payload),
        oneWay('note', (payload) => void sent.push(payload.length)),
        clientStream('gather', async (_, payloads) => bytes(await countOf(payloads))),
        bidirectionalStream('talk', async function* (_, payloads) {
          yield* payloads;
        }),
      ],
    };
    const { connect } = await listening({ small: [small, { limits: { maxPayloadBytes: 100 } }] });
    const channel = await connect();
    const id = serviceId('small');
    const most = new Uint8Array(100);
    const tooMany = new Uint8Array(101);
    const gather = (payload: Uint8Array, ...sizes: number[]) =>
      channel.clientStream(id, methodId('gather'), payload, items(...sizes));
    const talk = (...sizes: number[]) =>
      countOf(channel.bidirectionalStream(id, methodId('talk'), most, items(...sizes)));
    expect(await call(channel, 'small', 'echo', most)).toEqual(most);
    expect(await gather(most, 100, 100)).toEqual(bytes(2));
    expect(await talk(100, 100, 0)).toBe(3);
    for (const refused of [call(channel, 'small', 'echo', tooMany), gather(tooMany)]) {
      expect(await rejection(refused)).toMatchObject({ code: 'InvalidArgument', sent: false });
    }
    for (const refused of [gather(most, 100, 101), talk(100, 101)]) {
      expect(await rejection(refused)).toMatchObject({
        code: 'InvalidArgument',
        message: "InvalidArgument: a payload of 101 bytes is more than service 'small' takes, which is 100",
      });
    }
    channel.send(id, methodId('note'), tooMany);
    channel.send(id, methodId('note'), most);
    await until(() => sent.length > 0);
    expect(sent).toEqual([100]);
  });

  test.each([
    [{ maxCalls: 1 }, "service 'a' has no limit maxCalls, only maxConcurrentCalls and maxPayloadBytes"],
    [
      { maxConcurrentCalls: 0 },
      "limit maxConcurrentCalls of service 'a' must be an integer from 1 to 2147483647, not 0",
    ],
    [{ maxPayloadBytes: 1.5 }, "limit maxPayloadBytes of service 'a' must be an integer"],
    [{ maxPayloadBytes: '7' }, "limit maxPayloadBytes of service 'a' must be an integer"],
    [5, "the limits of service 'a' are no object"],
  ])('that cannot be are named: %j', (limits, words) => {
    const server = new RpcServer({ address: '127.0.0.1:0' });
    const options = { limits } as unknown as ServiceOptions;
    expect(() => server.register('a', echoService, options)).toThrow(words);
    server.register('a', echoService, { limits: { maxConcurrentCalls: undefined } });
  });
});

describe('the interceptors of a service', () => {
  const marking =
    (mark: string, seen: string[]): ServerInterceptor =>
    (next) =>
    async (request) => {
      seen.push(`${mark}>${request.service}.${request.method}:${request.kind}`);
      const response = await next(request);
      seen.push(`<${mark}`);
      return response;
    };

  test('stand inside of those of the server, and around no other service', async () => {
    const seen: string[] = [];
    const methods = [
      echo,
      clientStream('gather', async (_, payloads) => bytes(await countOf(payloads))),
      bidirectionalStream('talk', async function* (_, payloads) {
        yield* payloads;
      }),
    ];
    const { connect } = await listening(
      {
        marked: [{ methods }, { interceptors: [marking('c', seen), marking('d', seen)] }],
        bare: [{ methods }, {}],
      },
      { interceptors: [marking('a', seen), marking('b', seen)] },
    );
    const channel = await connect();
    const take = () => seen.splice(0).join(' ');
    await call(channel, 'marked', 'echo');
    const around = (name: string) =>
      ['a', 'b', 'c', 'd'].map((mark) => `${mark}>marked.${name} `).join('') + '<d <c <b <a';
    expect(take()).toBe(around('echo:unary'));
    const id = serviceId('marked');
    expect(await channel.clientStream(id, methodId('gather'), bytes(), items(1, 2, 3))).toEqual(bytes(3));
    expect(take()).toBe(around('gather:client-stream'));
    expect(await countOf(channel.bidirectionalStream(id, methodId('talk'), bytes(), items(1, 2)))).toBe(2);
    expect(take()).toBe(around('talk:bidirectional-stream'));
    await call(channel, 'bare', 'echo');
    expect(take()).toBe('a>bare.echo:unary b>bare.echo:unary <b <a');
  });

  test('may change the items of the caller', async () => {
    const doubling: ServerInterceptor = (next) => (request) => {
      const { payloads } = request;
      if (!payloads) return next(request);
      const twice = async function* () {
        for await (const item of payloads) {
          yield item;
          yield item;
        }
      };
      return next({ ...request, payloads: twice() });
    };
    const methods = [clientStream('gather', async (_, payloads) => bytes(await countOf(payloads)))];
    const { connect } = await listening({ doubled: [{ methods }, { interceptors: [doubling] }] });
    const channel = await connect();
    const id = serviceId('doubled');
    expect(await channel.clientStream(id, methodId('gather'), bytes(), items(1, 2, 3))).toEqual(bytes(6));
  });

  test('that are none are named', () => {
    const server = new RpcServer({ address: '127.0.0.1:0' });
    const options = { interceptors: [5] } as unknown as ServiceOptions;
    expect(() => server.register('a', echoService, options)).toThrow(
      "interceptors of service 'a' is no array of functions",
    );
  });
});

describe('names and IDs', () => {
  test('names whose hashes collide are an error when they are registered', () => {
    const names = new Map<number, string>();
    let pair: readonly [string, string] | undefined;
    for (let index = 0; !pair; index++) {
      const name = `service ${index}`;
      const other = names.get(serviceId(name));
      if (other !== undefined) pair = [other, name];
      names.set(serviceId(name), name);
    }
    const server = new RpcServer({ address: '127.0.0.1:0' });
    const [first, second] = pair;
    server.register(first, echoService);
    expect(() => server.register(second, echoService)).toThrow(
      `services '${first}' and '${second}' share the ID ${serviceId(first)}`,
    );
    server.register(second, echoService, { id: 77 });
    server.unregister(first);
    server.unregister(second);
    server.register(second, echoService);
  });

  test.each([0, 1])('the ID %d is reserved', (id) => {
    const server = new RpcServer({ address: '127.0.0.1:0' });
    expect(() => server.register('a', echoService, { id })).toThrow(
      `the ID of service 'a' is reserved: ${id}`,
    );
    server.register('a', echoService, { id: 2 });
  });

  test('one service may have many names', async () => {
    const { connect } = await listening({ a: [echoService, {}], b: [echoService, {}] });
    const channel = await connect();
    for (const name of ['a', 'b']) expect(await call(channel, name, 'echo', bytes(3))).toEqual(bytes(3));
  });
});

test('what is registered is listed with its methods, and no longer when it is removed', async () => {
  const description = { arguments: ['string'] };
  const { server } = await listening({ a: [{ methods: [{ ...echo, description }] }, {}] });
  server.register(
    'b',
    {
      methods: [
        stream('list', async function* () {}),
        oneWay('note', () => undefined),
        { ...clientStream('gather', () => bytes()), id: 9 },
        bidirectionalStream('talk', async function* () {}),
      ],
    },
    { id: 7 },
  );
  const b = {
    name: 'b',
    id: 7,
    methods: [
      { name: 'list', id: methodId('list'), kind: 'stream', description: undefined },
      { name: 'note', id: methodId('note'), kind: 'one-way', description: undefined },
      { name: 'gather', id: 9, kind: 'client-stream', description: undefined },
      { name: 'talk', id: methodId('talk'), kind: 'bidirectional-stream', description: undefined },
    ],
  };
  expect(server.services()).toEqual([
    {
      name: 'a',
      id: serviceId('a'),
      methods: [{ name: 'echo', id: methodId('echo'), kind: 'unary', description }],
    },
    b,
  ]);
  server.unregister('a');
  expect(server.services()).toEqual([b]);
});

test('a handler that takes five seconds delays nothing, and its answer after the deadline harms nothing', async () => {
  const clock = new VirtualClock();
  const answer = createDeferred<Uint8Array>();
  let isRunning = false;
  const server = new RpcServer({ address: '127.0.0.1:0', clock });
  server.register('test', { methods: [unary('slow', () => ((isRunning = true), answer.promise)), echo] });
  await server.listen();
  onTestFinished(() => server.close({ drainMs: 1 }));
  const channel = await openChannel(server.address, { clock });
  onTestFinished(() => channel.close());
  const slow = rejection(channel.call(serviceId('test'), methodId('slow'), bytes(), { timeoutMs: 4_000 }));
  await until(() => isRunning);
  const hundred = async (): Promise<void> => {
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, index) => call(channel, 'test', 'echo', bytes(index))),
    );
    replies.forEach((reply, index) => expect(reply).toEqual(bytes(index)));
  };
  await hundred();
  clock.advance(4_000);
  expect(await slow).toMatchObject({ code: 'DeadlineExceeded', sent: true });
  clock.advance(1_000);
  answer.resolve(bytes(99));
  await hundred();
  expect(channel.isOpen).toBe(true);
});
