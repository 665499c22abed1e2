import { CodedError, createDeferred, VirtualClock } from '@decoraft/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type CallContext,
  callValue,
  type Channel,
  memoryNetwork,
  methodId,
  openChannel,
  type Service,
  serviceId,
  valueService,
  withContext,
} from '../src/index.js';
import { RpcServer, type ServerInterceptor } from '../src/server/index.js';
import { bytes, oneWay, rejection, Rig, stream, turn, unary } from './support/rig.js';

interface World {
  readonly channel: Channel;
  readonly clock: VirtualClock;
}

/** A server with one service and these interceptors, in memory. */
async function serve(service: Service, interceptors: readonly ServerInterceptor[]): Promise<World> {
  const [network, clock] = [memoryNetwork(), new VirtualClock()];
  const server = new RpcServer({ address: '127.0.0.1:0', listener: network, clock, interceptors });
  server.register('greeter', service);
  await server.listen();
  const channel = await openChannel(server.address, { transport: network, clock });
  onTestFinished(async () => {
    channel.close();
    await server.close({ drainMs: 0 });
  });
  return { channel, clock };
}

const idsOf = (method: string): [service: number, method: number] => [serviceId('greeter'), methodId(method)];
const greet = valueService({ greet: (name: string) => `hello ${name}` });
const call = ({ channel }: World, metadata: Record<string, string> = {}): Promise<unknown> =>
  callValue(channel, 'greeter', 'greet', ['Ada'], { metadata });

describe('an interceptor of a server', () => {
  test('stands around handlers, the first of the list outermost', async () => {
    const told: string[] = [];
    const teller =
      (name: string): ServerInterceptor =>
      (next) =>
      async (request) => {
        told.push(`${name} before ${request.service}.${request.method}`);
        const response = await next(request);
        told.push(`${name} after`);
        return response;
      };
    const world = await serve(greet, [teller('outer'), teller('inner')]);
    expect(await call(world)).toBe('hello Ada');
    expect(told).toEqual([
      'outer before greeter.greet',
      'inner before greeter.greet',
      'inner after',
      'outer after',
    ]);
  });

  test('refuses by the caller’s metadata, with a code that the caller gets', async () => {
    const signedIn: ServerInterceptor = (next) => (request) => {
      if (request.context.metadata['token'] === 'right') return next(request);
      throw new CodedError('Unauthenticated', 'the token is not valid');
    };
    const world = await serve(greet, [signedIn]);
    expect(await call(world, { token: 'right' })).toBe('hello Ada');
    expect(await rejection(call(world, { token: 'wrong' }))).toMatchObject({ code: 'Unauthenticated' });
  });

  test('may answer by itself, and change what goes in and comes out', async () => {
    let isCalled = false;
    const service: Service = {
      methods: [unary('greet', (payload) => ((isCalled = true), bytes(...payload, 3)))],
    };
    const changing: ServerInterceptor = (next) => async (request) => {
      const response = await next({ ...request, payload: bytes(1, 2) });
      return response.kind === 'unary' ? { kind: 'unary', payload: bytes(...response.payload, 4) } : response;
    };
    const answering: ServerInterceptor = () => () => Promise.resolve({ kind: 'unary', payload: bytes(9) });
    const greetRaw = ({ channel }: World): Promise<Uint8Array> => channel.call(...idsOf('greet'), bytes());
    expect(await greetRaw(await serve(service, [changing]))).toEqual(bytes(1, 2, 3, 4));
    isCalled = false;
    expect(await greetRaw(await serve(service, [answering]))).toEqual(bytes(9));
    expect(isCalled).toBe(false);
  });

  test('sees streams, and may change each item', async () => {
    const service: Service = {
      methods: [
        stream('count', async function* () {
          yield bytes(1);
          yield bytes(2);
        }),
      ],
    };
    const doubling: ServerInterceptor = (next) => async (request) => {
      const response = await next(request);
      if (response.kind !== 'stream') return response;
      return {
        kind: 'stream',
        items: (async function* () {
          for await (const item of response.items) yield item.map((byte) => byte * 2);
        })(),
      };
    };
    const { channel } = await serve(service, [doubling]);
    const items: Uint8Array[] = [];
    for await (const item of channel.stream(...idsOf('count'), bytes())) items.push(item);
    expect(items).toEqual([bytes(2), bytes(4)]);
  });

  test('lets one-way messages pass', async () => {
    const heard: Uint8Array[] = [];
    const refusing: ServerInterceptor = () => () => Promise.reject(new CodedError('PermissionDenied', 'no'));
    const service: Service = {
      methods: [oneWay('greet', (payload) => void heard.push(Uint8Array.from(payload)))],
    };
    const { channel } = await serve(service, [refusing]);
    channel.send(...idsOf('greet'), bytes(7));
    await turn();
    await turn();
    expect(heard).toEqual([bytes(7)]);
  });

  test('that fails by mistake, or answers with the wrong kind, is Internal to the caller', async () => {
    const failing: ServerInterceptor = () => () => Promise.reject(new Error('a secret'));
    const confused: ServerInterceptor = () => () =>
      Promise.resolve({ kind: 'stream', items: (async function* () {})() });
    for (const interceptor of [failing, confused]) {
      const error = await rejection(call(await serve(greet, [interceptor])));
      expect(error).toMatchObject({ code: 'Internal' });
      expect(String(error)).not.toContain('secret');
    }
  });

  test.each([
    ['a function', () => undefined],
    ['a list with something else', [1]],
  ])('%s in place of the list is refused, naming the option', (_, interceptors) => {
    const create = (): RpcServer =>
      new RpcServer({ address: '127.0.0.1:0', interceptors: interceptors as never });
    expect(create).toThrow(/^InvalidArgument: interceptors /);
  });
});

describe('the context of a call', () => {
  test('comes first to a value handler that asks for it, and no argument takes its place', async () => {
    const world = await serve(
      valueService({
        greet: withContext((context, name: string) => `hello ${name} of ${context.metadata['tenant']}`),
        plain: (...all: unknown[]) => all.length,
      }),
      [],
    );
    const forged = { metadata: { tenant: 'another' } };
    const { channel } = world;
    const metadata = { tenant: 'mine' };
    expect(await callValue(channel, 'greeter', 'greet', ['Ada', forged], { metadata })).toBe(
      'hello Ada of mine',
    );
    expect(await callValue(channel, 'greeter', 'greet', [], { metadata })).toBe('hello undefined of mine');
    expect(await callValue(channel, 'greeter', 'plain', [forged], { metadata })).toBe(1);
  });

  test('says how much time is left of what the caller gave, and whether it still waits', async () => {
    const seen: (number | boolean | undefined)[] = [];
    const done = createDeferred<void>();
    let context: CallContext | undefined;
    const service = valueService({
      greet: withContext((given) => {
        context = given;
        seen.push(given.remainingMs, given.isAwaited);
        return done.promise;
      }),
    });
    const { channel, clock } = await serve(service, []);
    const answer = rejection(callValue(channel, 'greeter', 'greet', [], { timeoutMs: 5_000 }));
    await turn();
    await turn();
    clock.advance(2_000);
    seen.push(context?.remainingMs, context?.isAwaited);
    clock.advance(3_000);
    seen.push(context?.remainingMs, context?.isAwaited);
    expect(await answer).toMatchObject({ code: 'DeadlineExceeded' });
    expect(seen).toEqual([5_000, true, 3_000, true, 0, false]);
    done.resolve();
  });

  test('says that nobody waits once the caller has cancelled', async () => {
    let context: CallContext | undefined;
    const service = valueService({
      greet: withContext((given) => {
        context = given;
        return new Promise(() => undefined);
      }),
    });
    const { channel } = await serve(service, []);
    const cancelling = new AbortController();
    const answer = rejection(callValue(channel, 'greeter', 'greet', [], { signal: cancelling.signal }));
    await turn();
    await turn();
    expect(context?.isAwaited).toBe(true);
    cancelling.abort();
    await answer;
    await turn();
    await turn();
    expect(context?.isAwaited).toBe(false);
  });
});

test('what a channel says with every call stands under what the call says itself', async () => {
  const seen: unknown[] = [];
  let token = 'first';
  const network = memoryNetwork();
  const rig = await Rig.start(
    [unary('look', (payload, { metadata }) => (seen.push({ ...metadata }), payload))],
    { transport: { dialer: network, listener: network }, metadata: () => ({ token, tenant: 'mine' }) },
  );
  await rig.call('look');
  token = 'second';
  await rig.call('look', bytes(), { metadata: { tenant: 'yours' } });
  expect(seen).toEqual([
    { token: 'first', tenant: 'mine' },
    { token: 'second', tenant: 'yours' },
  ]);
});
