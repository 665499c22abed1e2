import { pause, systemClock } from '@decoraft/base';
import { type CallOptions, type Cluster, connect, type Interceptor } from 'decoraft/client';
import { RpcServer } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { GreeterClient } from './services/generated/greeter.client.js';
import './services/generated/operations.js';
import { Greeter } from './services/greeter.service.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

/** A server without any Raft group. */
async function serve(services: Readonly<Record<string, Greeter>>): Promise<RpcServer> {
  const server = later(new RpcServer({ address: '127.0.0.1:0' }));
  for (const [name, service] of Object.entries(services)) server.register(name, service);
  await server.listen();
  return server;
}

async function open(
  servers: readonly RpcServer[],
  interceptors: readonly Interceptor[] = [],
): Promise<Cluster> {
  return later(
    await connect(
      servers.map(({ address }) => address),
      { interceptors },
    ),
  );
}

/** A server with one service, and a client of it. */
async function greeting(options: CallOptions = {}) {
  const service = new Greeter();
  const server = await serve({ greeter: service });
  const cluster = await open([server]);
  return { service, server, cluster, greeter: new GreeterClient(cluster, 'greeter', options) };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* from<Item>(items: Iterable<Item>, onEnd?: () => void): AsyncGenerator<Item> {
  try {
    for (const item of items) {
      await Promise.resolve();
      yield item;
    }
  } finally {
    onEnd?.();
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue() && tries < 2_000; tries++) await pause(systemClock, 5);
  expect(isTrue()).toBe(true);
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    return `gave ${String(await work)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same client for arguments that the compiler would refuse. */
const untyped = (client: GreeterClient) =>
  client as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

describe('a service', () => {
  it('is called with types, by a client that was generated', async () => {
    const { greeter } = await greeting();
    expect(await greeter.greet('Ada')).toBe('hello Ada');
    const ada = { name: 'Ada', born: new Date(0), tags: new Set(['x']) };
    expect(await greeter.greetPerson(ada, true)).toEqual({ ...ada, greeting: 'HELLO ADA' });
    expect(await greeter.greetPerson({ name: 'Ada', tags: new Set() })).toMatchObject({
      greeting: 'hello Ada',
    });
  });

  it('gives a stream for each loop anew', async () => {
    const { greeter } = await greeting();
    const numbers = greeter.count(3);
    expect(await collect(numbers)).toEqual([1, 2, 3]);
    expect(await collect(numbers)).toEqual([1, 2, 3]);
  });

  it('takes a stream', async () => {
    const { greeter } = await greeting();
    expect(await greeter.sum(from([1, 2, 3]))).toBe(6);
    expect(await greeter.sum(from([]))).toBe(0);
    expect(await greeter.take(5, from(['a', 'b']), '!', '?')).toEqual(['a!?', 'b!?']);
  });

  it('takes a stream and gives one, item by item', async () => {
    const { greeter } = await greeting();
    const seen: string[] = [];
    async function* asked(): AsyncGenerator<string> {
      yield 'one';
      await until(() => seen.length === 1);
      yield 'two';
    }
    for await (const item of greeter.echo(asked(), '> ')) seen.push(item);
    expect(seen).toEqual(['> one', '> two']);
  });

  it('is called by names as well, with values', async () => {
    const { cluster } = await greeting();
    const greeter = cluster.service('greeter');
    expect(await greeter.call('greet', ['Ada'])).toBe('hello Ada');
    expect(await collect(greeter.stream('count', [2]))).toEqual([1, 2]);
  });

  it('has its instances on every node, and each can be asked', async () => {
    const names = ['left', 'right'];
    const servers = await Promise.all(names.map((name) => serve({ greeter: new Greeter(name) })));
    const cluster = await open(servers);
    for (const [at, name] of names.entries()) {
      const node = cluster.node(servers[at]?.address ?? '');
      expect(await new GreeterClient(node, 'greeter').greet('you')).toBe(`${name} you`);
      expect(await node.service('greeter').call('greet', ['you'])).toBe(`${name} you`);
    }
  });

  it('may be registered under several names, as one class or as one instance', async () => {
    const shared = new Greeter('shared');
    const cluster = await open([await serve({ one: new Greeter('one'), two: shared, three: shared })]);
    const greet = (name: string) => new GreeterClient(cluster, name).greet('you');
    expect(await Promise.all(['one', 'two', 'three'].map(greet))).toEqual([
      'one you',
      'shared you',
      'shared you',
    ]);
  });

  it('may have an ID of its own', async () => {
    const server = await serve({});
    server.register('greeter', new Greeter(), { id: 77 });
    const cluster = await open([server]);
    expect(await new GreeterClient(cluster, { name: 'greeter', id: 77 }).greet('Ada')).toBe('hello Ada');
    expect(await messageOf(new GreeterClient(cluster, 'greeter').greet('Ada'))).toContain(
      'Unimplemented: no service',
    );
  });

  it('comes and goes at run time', async () => {
    const { cluster, greeter, server } = await greeting();
    server.unregister('greeter');
    expect(await messageOf(greeter.greet('Ada'))).toBe(
      "Unavailable: service 'greeter' is no longer registered here",
    );
    server.register('greeter', new Greeter('again'));
    expect(await greeter.greet('Ada')).toBe('again Ada');
    server.register('late', new Greeter('late'));
    expect(await new GreeterClient(cluster, 'late').greet('Ada')).toBe('late Ada');
  });

  it('ends its streams when it is removed', async () => {
    const { greeter, server, service } = await greeting();
    const items = greeter.wait()[Symbol.asyncIterator]();
    expect(await items.next()).toEqual({ done: false, value: 'waiting' });
    server.unregister('greeter');
    expect(await messageOf(items.next())).toContain('Unavailable: ');
    await until(() => service.seen.includes('waited'));
  });
});

describe('what does not fit is refused before the handler sees it', () => {
  it.each<[string, readonly unknown[], string]>([
    ['greet', [], 'Greeter.greet: argument 1 (name) must be a string, got nothing'],
    ['greet', [7], 'Greeter.greet: argument 1 (name) must be a string, got a number'],
    ['greet', ['Ada', 'Bob'], 'Greeter.greet takes 1 argument(s), got 2'],
    [
      'greetPerson',
      [{ name: 'Ada', tags: ['x'] }],
      'Greeter.greetPerson: argument 1 (person.tags) must be a Set, got an array of 1',
    ],
    [
      'greetPerson',
      [{ tags: new Set() }],
      'Greeter.greetPerson: argument 1 (person.name) must be a string, got nothing',
    ],
  ])('%s%j', async (method, args, message) => {
    const { cluster } = await greeting();
    const call = cluster.service('greeter').call(method, args);
    expect(await messageOf(call)).toBe(`InvalidArgument: ${message}`);
  });

  it('an item of a stream by its number', async () => {
    const { greeter } = await greeting();
    const call = untyped(greeter)['sum']?.(from([1, 2, '3'])) ?? Promise.resolve();
    expect(await messageOf(call)).toBe(
      'InvalidArgument: Greeter.sum: item 3 of values must be a number, got a string',
    );
    const items = greeter.echo(from(['a', 7 as unknown as string]))[Symbol.asyncIterator]();
    expect(await items.next()).toEqual({ done: false, value: 'a' });
    expect(await messageOf(items.next())).toContain('item 2 of values must be a string');
  });

  it('what cannot be sent, on the side of the caller', async () => {
    const { greeter } = await greeting();
    const call = (method: string, ...args: unknown[]) =>
      messageOf(untyped(greeter)[method]?.(...args) ?? Promise.resolve());
    expect(await call('greet', () => 'a function')).toContain('InvalidArgument: ');
    expect(await call('sum', [1, 2])).toContain('InvalidArgument: greeter.sum takes a stream');
    expect(await call('sum')).toContain('InvalidArgument: greeter.sum takes a stream');
    expect(await call('sum', from([() => 'a function']))).toContain('InvalidArgument: ');
  });

  it.each([7, '', { name: 'greeter', id: -1 }, { name: 'greeter', id: NaN }, undefined])(
    'what is no name of a service: %j',
    async (name) => {
      const { cluster } = await greeting();
      const client = new GreeterClient(cluster, name as string);
      expect(await messageOf(client.greet('Ada'))).toMatch(/^InvalidArgument: .*is no service/);
      expect(await messageOf(collect(client.count(1)))).toMatch(/^InvalidArgument: .*is no service/);
    },
  );

  it('a method that there is not, and a service that there is not, by the names that the caller gave', async () => {
    const { cluster } = await greeting();
    const unknown = "Unimplemented: service 'greeter' has no method with the name dance";
    const nobody = 'Unimplemented: no service has the name nobody here';
    expect(await messageOf(cluster.service('greeter').call('dance'))).toBe(unknown);
    expect(await messageOf(collect(cluster.service('greeter').stream('dance')))).toBe(unknown);
    expect(await messageOf(cluster.service('nobody').call('dance'))).toBe(nobody);
    expect(await messageOf(new GreeterClient(cluster, 'nobody').sum(from([1])))).toBe(nobody);
    const stream = collect(cluster.service('greeter').stream('greet', ['Ada']));
    expect(await messageOf(stream)).toMatch(/^(Unimplemented|InvalidArgument): /);
  });

  it('more than a message may hold, and the connection lives on', async () => {
    const { greeter } = await greeting();
    const huge = new Uint8Array(20_000_000);
    expect(await messageOf(greeter.size(huge))).toMatch(/^(InvalidArgument|Overloaded): /);
    expect(await messageOf(greeter.bytes(huge.length))).toMatch(/^Internal: .*more than the caller takes/);
    expect(await greeter.size(new Uint8Array(1_000_000))).toBe(1_000_000);
  });
});

describe('what a handler throws', () => {
  it('reaches the caller with its code and data where it has one', async () => {
    const { greeter } = await greeting();
    await expect(greeter.fail('coded')).rejects.toMatchObject({
      code: 'NotFound',
      message: 'NotFound: nobody of that name',
      data: { tried: 2 },
    });
    await expect(greeter.fail('own code')).rejects.toMatchObject({
      code: 'TooLate',
      message: 'TooLate: it is',
    });
  });

  it('is kept where it is otherwise, for it may be a secret', async () => {
    const { greeter } = await greeting();
    expect(await messageOf(greeter.fail('secret'))).toBe(
      "Internal: the handler of greeter.fail failed, its server's log says why",
    );
  });

  it('is Internal where it gave what cannot be sent', async () => {
    const { greeter } = await greeting();
    expect(await messageOf(greeter.fail('unsendable'))).toMatch(
      /^Internal: Greeter.fail gave what cannot be sent/,
    );
  });

  it('ends a stream behind the items that came before', async () => {
    const { greeter } = await greeting();
    const seen: number[] = [];
    const loop = async () => {
      for await (const n of greeter.failLater(2)) seen.push(n);
    };
    expect(await messageOf(loop())).toBe('NotFound: nothing behind 2');
    expect(seen).toEqual([1, 2]);
  });
});

describe('a stream that is abandoned', () => {
  it('ends in the handler when the reader leaves', async () => {
    const { greeter, service } = await greeting();
    for await (const n of greeter.count(1_000_000)) if (n === 3) break;
    await until(() => service.seen.includes('count ended'));
    expect(service.seen).not.toContain('counted to 1000000');
  });

  it('ends in the handler when the signal is aborted, and throws its reason', async () => {
    const abort = new AbortController();
    const { greeter, service } = await greeting({ signal: abort.signal });
    const items = greeter.wait()[Symbol.asyncIterator]();
    await items.next();
    const next = messageOf(items.next());
    abort.abort(new Error('enough'));
    expect(await next).toBe('enough');
    await until(() => service.seen.includes('waited'));
  });

  it('ends in the handler at its deadline, if it has one', async () => {
    const { greeter, service } = await greeting();
    expect(await messageOf(collect(greeter.with({ timeoutMs: 50 }).wait()))).toContain('DeadlineExceeded');
    await until(() => service.seen.includes('waited'));
  });

  it('ends when the connection is closed, which is said', async () => {
    const { cluster, greeter, service } = await greeting();
    const items = greeter.wait()[Symbol.asyncIterator]();
    await items.next();
    const next = messageOf(items.next());
    await cluster.close();
    expect(await next).toContain('Cancelled: the connection to the cluster was closed');
    await until(() => service.seen.includes('waited'));
  });

  it('ends while its next item is waited for', async () => {
    const { greeter, service } = await greeting();
    const items = greeter.wait()[Symbol.asyncIterator]();
    await items.next();
    const next = items.next();
    await items.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    await until(() => service.seen.includes('waited'));
  });

  it('is never begun, and costs nothing', async () => {
    const { greeter, service } = await greeting();
    greeter.count(3);
    await greeter.count(3)[Symbol.asyncIterator]().return?.();
    expect(await greeter.greet('Ada')).toBe('hello Ada');
    expect(service.seen).toEqual([]);
  });

  it('of the caller ends when the handler has enough', async () => {
    const { greeter } = await greeting();
    let ended = 0;
    const endless = function* () {
      for (let n = 0; ; n++) yield String(n);
    };
    expect(
      await greeter.take(
        2,
        from(endless(), () => (ended += 1)),
      ),
    ).toEqual(['0', '1']);
    expect(
      await greeter.take(
        0,
        from(endless(), () => (ended += 1)),
      ),
    ).toEqual([]);
    await until(() => ended > 0);
  });

  it('of the caller that throws is the caller’s own error', async () => {
    const { greeter } = await greeting();
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      await Promise.resolve();
      throw new TypeError('my own');
    }
    await expect(greeter.sum(broken())).rejects.toThrow(new TypeError('my own'));
    await expect(collect(greeter.tenants(broken()))).rejects.toThrow(new TypeError('my own'));
  });
});

describe('the context of a call', () => {
  it('shows each handler the metadata of its own caller, behind everything that it awaits', async () => {
    const { greeter } = await greeting();
    const users = Array.from({ length: 20 }, (_, at) => `user ${at}`);
    const answers = await Promise.all(users.map((user) => greeter.with({ metadata: { user } }).whoAsks()));
    expect(answers).toEqual(users.map((user) => [user, user]));
    const streams = users.map((user) => collect(greeter.with({ metadata: { user } }).tenants(from([1, 2]))));
    expect(await Promise.all(streams)).toEqual(users.map((user) => [`1 ${user}`, `2 ${user}`]));
  });

  it('tells the time that is left', async () => {
    const { greeter } = await greeting();
    const left = (await greeter.with({ timeoutMs: 5_000 }).remaining()) ?? NaN;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5_000);
  });

  it('is there within a call only', async () => {
    const { service } = await greeting();
    expect(await messageOf(service.whoAsks())).toBe(
      'InvalidArgument: Greeter.context exists only within a call',
    );
  });
});

describe('an interceptor of a client', () => {
  it('stands around calls of services, and around the items of their streams', async () => {
    const told: string[] = [];
    const louder: Interceptor = (next) => async (request) => {
      told.push(`${request.kind} ${request.target}.${request.method}(${request.args.join()})`);
      const result = await next(request);
      if (request.kind !== 'stream') return result;
      return (async function* () {
        for await (const item of result as AsyncIterable<unknown>) yield `${String(item)}!`;
      })();
    };
    const cluster = await open([await serve({ greeter: new Greeter() })], [louder]);
    const greeter = new GreeterClient(cluster, 'greeter');
    expect(await greeter.greet('Ada')).toBe('hello Ada');
    expect(await collect(greeter.count(2))).toEqual(['1!', '2!']);
    expect(await greeter.sum(from([1, 2]))).toBe(3);
    expect(told).toEqual(['service greeter.greet(Ada)', 'stream greeter.count(2)', 'service greeter.sum()']);
  });
});

describe('a server refuses to register', () => {
  it('a service of no name, which nobody could call', async () => {
    const server = await serve({});
    for (const name of ['', undefined, 5]) {
      const refused = () => server.register(name as string, new Greeter());
      expect(refused).toThrow(`InvalidArgument: ${JSON.stringify(name)} is no name of a service`);
    }
  });

  it('a service of a name that is taken', async () => {
    const server = await serve({ greeter: new Greeter() });
    expect(() => server.register('greeter', new Greeter())).toThrow("'greeter' is registered already");
  });

  it.each<[unknown, string]>([
    [Greeter, "service 'odd' is a class or function: register an instance"],
    [{}, "service 'odd' has no methods"],
    [undefined, "service 'odd' has no methods"],
  ])('what is no service', async (odd, words) => {
    const server = await serve({});
    expect(() => server.register('odd', odd as Greeter)).toThrow(`InvalidArgument: ${words}`);
  });

  it('a service whose ID is taken', async () => {
    const server = await serve({ greeter: new Greeter() });
    server.register('first', new Greeter(), { id: 77 });
    expect(() => server.register('second', new Greeter(), { id: 77 })).toThrow('share the ID 77');
  });
});
