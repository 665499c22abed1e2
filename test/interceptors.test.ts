import { createDeferred } from '@decoraft/base';
import { webSocketDialer } from '@decoraft/rpc';
import { type Cluster, connect, type ConnectOptions, DecoraftError, type Interceptor } from 'decoraft/client';
import {
  type CallContext,
  type DecoraftNode,
  type NodeOptions,
  type ServerInterceptor,
  type ServerRequest,
  startNode,
  valueService,
  withContext,
} from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import '../examples/counter/src/generated/operations.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

async function start(options: Partial<NodeOptions> = {}): Promise<DecoraftNode> {
  const peers = await freePeers(['a']);
  const machines = { visits: new Counter() };
  return later(await startNode({ id: 'a', dataDir: ':memory:', peers, machines, ...options }));
}

async function open({ address }: DecoraftNode, options: ConnectOptions = {}): Promise<Cluster> {
  return later(await connect([address], options));
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => DecoraftError.from(error).code,
  );

/** What arrived at the services of a node. */
function recorder(): { readonly requests: ServerRequest[]; readonly interceptor: ServerInterceptor } {
  const requests: ServerRequest[] = [];
  return {
    requests,
    interceptor: (next) => (request) => {
      requests.push(request);
      return next(request);
    },
  };
}

describe('an interceptor of a client', () => {
  it('stands around every call, the first outermost, once however often it is tried', async () => {
    const told: string[] = [];
    const teller =
      (name: string): Interceptor =>
      (next) =>
      async (request) => {
        told.push(`${name} ${request.kind} ${request.target}.${request.method}(${request.args.join()})`);
        const result = await next(request);
        told.push(`${name} = ${String(result)}`);
        return result;
      };
    const node = await start({
      services: { greeter: valueService({ greet: (name: string) => `hi ${name}` }) },
    });
    const cluster = await open(node, { interceptors: [teller('outer'), teller('inner')] });
    const visits = new CounterClient(cluster, 'visits');
    await visits.add(2);
    await visits.current();
    await (
      await visits.onChanged(() => undefined)
    )();
    await cluster.service('greeter').call('greet', ['Ada']);
    expect(told.filter((words) => words.startsWith('outer'))).toEqual([
      'outer command visits.add(2)',
      'outer = 2',
      'outer query visits.current()',
      'outer = 2',
      'outer subscription visits.onChanged()',
      'outer = undefined',
      'outer service greeter.greet(Ada)',
      'outer = hi Ada',
    ]);
    expect(told.slice(0, 4)).toEqual([
      'outer command visits.add(2)',
      'inner command visits.add(2)',
      'inner = 2',
      'outer = 2',
    ]);
  });

  it('may change arguments, options, results and errors, refuse, and try again', async () => {
    const { interceptor, requests } = recorder();
    const node = await start({ interceptors: [interceptor] });
    const doubling: Interceptor = (next) => async (request) => {
      if (request.method === 'current') return -1;
      const [amount] = request.args;
      if (amount === 13) throw new DecoraftError('PermissionDenied', 'not on this floor');
      const options = { ...request.options, metadata: { changed: 'yes' } };
      await next({ ...request, args: [Number(amount) * 2], options });
      return next({ ...request, args: [Number(amount) * 2], options });
    };
    const visits = new CounterClient(await open(node, { interceptors: [doubling] }), 'visits');
    expect(await visits.add(3)).toBe(12);
    expect(await visits.current()).toBe(-1);
    expect(await codeOf(visits.add(13))).toBe('PermissionDenied');
    const marked = requests.filter(({ context }) => context.metadata['changed'] === 'yes');
    expect(marked).toHaveLength(2);
  });

  it('of a node that refuses everything is heard by its own code, in a first command as well', async () => {
    const refusing: ServerInterceptor = () => () =>
      Promise.reject(new DecoraftError('PermissionDenied', 'nobody comes in'));
    const visits = new CounterClient(await open(await start({ interceptors: [refusing] })), 'visits');
    expect(await codeOf(visits.current())).toBe('PermissionDenied');
    expect(await codeOf(visits.onChanged().ready)).toBe('PermissionDenied');
    await expect(visits.add(1)).rejects.toThrow('no session could be opened: nobody comes in');
    expect(await codeOf(visits.add(1))).toBe('PermissionDenied');
  });

  it('that refuses a subscription ends it, by loop and by callback', async () => {
    const refusing: Interceptor = () => () => Promise.reject(new DecoraftError('PermissionDenied', 'no'));
    const visits = new CounterClient(await open(await start(), { interceptors: [refusing] }), 'visits');
    expect(await codeOf(visits.onChanged().ready)).toBe('PermissionDenied');
    expect(await codeOf(visits.onChanged(() => undefined))).toBe('PermissionDenied');
  });

  it('is heard of in what it makes of the options', async () => {
    const breaking: Interceptor = (next) => (request) => next({ ...request, options: { timeoutMs: -1 } });
    const visits = new CounterClient(await open(await start(), { interceptors: [breaking] }), 'visits');
    expect(await codeOf(visits.add(1))).toBe('InvalidArgument');
  });
});

describe('metadata', () => {
  it('of a call reaches interceptors and handlers, over that of the connection, and nothing else does', async () => {
    const { interceptor, requests } = recorder();
    const look = withContext(({ metadata }) => ({ ...metadata }));
    const node = await start({ interceptors: [interceptor], services: { mirror: valueService({ look }) } });
    const cluster = await open(node, { metadata: { tenant: 'mine', token: 'one' } });
    const visits = new CounterClient(cluster, 'visits').with({ metadata: { token: 'two', 'trace-id': 'ü' } });
    await visits.add(1);
    await visits.current();
    const expected = { tenant: 'mine', token: 'two', 'trace-id': 'ü' };
    const calls = requests.filter(({ context }) => context.metadata['token'] === 'two');
    expect(calls.map(({ context, method }) => [method, { ...context.metadata }])).toEqual([
      ['propose', expected],
      ['query', expected],
    ]);
    const mirrored = await cluster.service('mirror').call('look', [], { metadata: { a: 'b' } });
    expect(mirrored).toEqual({ tenant: 'mine', token: 'one', a: 'b' });
  });

  it('of a connection travels with what the client asks by itself, and a function is asked each time', async () => {
    const { interceptor, requests } = recorder();
    const node = await start({ interceptors: [interceptor] });
    let count = 0;
    const cluster = await open(node, { metadata: () => ({ count: String(++count) }) });
    const visits = new CounterClient(cluster, 'visits');
    const stop = await visits.onChanged(() => undefined);
    await visits.add(1);
    await until('its beats and its stream', () =>
      ['keep-alive', 'events'].every((name) => requests.some(({ method }) => method === name)),
    );
    await cluster.info();
    const counts = requests.map(({ context }) => context.metadata['count']);
    expect(counts.every((text) => text !== undefined)).toBe(true);
    expect(new Set(counts).size).toBe(counts.length);
    await stop();
  });

  it('passes on to the leader what a client says to another node', async () => {
    const peers = await freePeers();
    const seen = new Map(Object.keys(peers).map((id) => [id, recorder()]));
    for (const [id, { interceptor }] of seen) {
      await start({ id, peers, interceptors: [interceptor] });
    }
    const cluster = later(await connect(Object.values(peers)));
    const leader = await until('a leader', async () => (await cluster.info()).leader);
    const [other = ''] = Object.keys(peers).filter((id) => id !== leader);
    const behind = peers[other] ?? '';
    // Behind one address, as a page or a load balancer is.
    const { dial } = webSocketDialer();
    const transport: NonNullable<ConnectOptions['transport']> = {
      dial: (address, ...rest) =>
        address === behind ? dial(address, ...rest) : Promise.reject(new Error('no way')),
    };
    const alone = later(await connect([behind], { transport }));
    const visits = new CounterClient(alone, 'visits').with({ metadata: { who: 'ada' } });
    await visits.add(1);
    const marked = (id: string): readonly string[] =>
      (seen.get(id)?.requests ?? [])
        .filter(({ context }) => context.metadata['who'] === 'ada')
        .map(({ method }) => method);
    expect(new Set(marked(other))).toEqual(new Set(['propose']));
    expect(new Set(marked(leader))).toEqual(new Set(['forward']));
  });

  it('that a node refuses by is an error with a code', async () => {
    const signedIn: ServerInterceptor = (next) => (request) => {
      if (request.context.metadata['token'] === 'right') return next(request);
      throw new DecoraftError('Unauthenticated', 'the token is not valid');
    };
    const node = await start({ interceptors: [signedIn] });
    const [wrong, right] = [await open(node), await open(node, { metadata: { token: 'right' } })];
    expect(await codeOf(wrong.info())).toBe('Unauthenticated');
    expect(await codeOf(new CounterClient(wrong, 'visits').current())).toBe('Unauthenticated');
    expect(await new CounterClient(right, 'visits').add(1)).toBe(1);
  });
});

describe('a deadline', () => {
  it('reaches the handler, and ends it on both sides', async () => {
    const begun = createDeferred<CallContext>();
    const wait = withContext((call) => {
      begun.resolve(call);
      return new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    });
    const cluster = await open(await start({ services: { slow: valueService({ wait }) } }));
    const answer = codeOf(cluster.service('slow').call('wait', [], { timeoutMs: 1_500 }));
    const context = await begun.promise;
    expect(context.remainingMs).toBeGreaterThan(0);
    expect(context.remainingMs).toBeLessThanOrEqual(1_500);
    expect(await answer).toBe('DeadlineExceeded');
    await until('it is told', () => context.signal.aborted);
    expect(context.isAwaited).toBe(false);
  });

  it('of a command and of a query travels with every try', async () => {
    const { interceptor, requests } = recorder();
    const node = await start({ interceptors: [interceptor] });
    const left: (number | undefined)[] = [];
    const visits = new CounterClient(await open(node), 'visits');
    await visits.add(1);
    requests.length = 0;
    await visits.with({ timeoutMs: 900 }).add(1);
    await visits.with({ timeoutMs: 900 }).current();
    for (const { context, method } of requests)
      if (/propose|query/.test(method)) left.push(context.remainingMs);
    expect(left).toHaveLength(2);
    for (const remainingMs of left) expect(remainingMs).toBeLessThanOrEqual(900);
  });
});

it('a node that cannot be is no address to ask for information', async () => {
  const cluster = await open(await start());
  expect(await codeOf(cluster.info('nonsense'))).toBe('InvalidArgument');
});

describe('a drain', () => {
  it('tells the leader what was consumed before the session ends', async () => {
    const { interceptor, requests } = recorder();
    const node = await start({ interceptors: [interceptor] });
    const cluster = await open(node);
    const visits = new CounterClient(cluster, 'visits');
    const seen: number[] = [];
    await visits.onChanged((value) => seen.push(value));
    await visits.add(1);
    await until('it has come', () => seen.length === 1);
    requests.length = 0;
    await cluster.drain();
    const methods = requests.map(({ method }) => method);
    expect(methods.indexOf('keep-alive')).toBeGreaterThanOrEqual(0);
    expect(methods.lastIndexOf('propose')).toBeGreaterThan(methods.indexOf('keep-alive'));
  });
});
