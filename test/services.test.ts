import { connect, type Cluster, DecoraftError } from 'decoraft/client';
import { RpcServer } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { GreeterClient } from './services/generated/greeter.client.js';
import './services/generated/operations.js';
import { Greeter } from './services/greeter.service.js';

const closing: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of closing.splice(0).toReversed()) await thing.close();
});

function later<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
  closing.push(thing);
  return thing;
}

/** A server without any Raft group. */
async function serve(services: Readonly<Record<string, Greeter>>): Promise<RpcServer> {
  const server = later(new RpcServer({ address: '127.0.0.1:0' }));
  for (const [name, service] of Object.entries(services)) server.register(name, service);
  await server.listen();
  return server;
}

async function open(...servers: readonly RpcServer[]): Promise<Cluster> {
  return later(await connect(servers.map(({ address }) => address)));
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const failureOf = (work: Promise<unknown>): Promise<DecoraftError> =>
  work.then(
    (value) => expect.fail(`gave ${String(value)}`),
    (error: unknown) => error as DecoraftError,
  );

describe('a service', () => {
  it('is called with types, by a client that was generated', async () => {
    const cluster = await open(await serve({ greeter: new Greeter() }));
    const greeter = new GreeterClient(cluster, 'greeter');
    expect(await greeter.greet('Ada')).toBe('hello Ada');
    const ada = { name: 'Ada', born: new Date(0), tags: new Set(['x']) };
    expect(await greeter.greetPerson(ada, true)).toEqual({ ...ada, greeting: 'HELLO ADA' });
  });

  it('streams, for each loop anew', async () => {
    const cluster = await open(await serve({ greeter: new Greeter() }));
    const greeter = new GreeterClient(cluster, 'greeter');
    const numbers = greeter.count(3);
    expect(await collect(numbers)).toEqual([1, 2, 3]);
    expect(await collect(numbers)).toEqual([1, 2, 3]);
  });

  it('names the parameter that does not fit', async () => {
    const cluster = await open(await serve({ greeter: new Greeter() }));
    const greeter = new GreeterClient(cluster, 'greeter');
    const wrong = greeter as unknown as { greetPerson(...args: unknown[]): Promise<unknown> };
    const error = await failureOf(wrong.greetPerson({ name: 'Ada', tags: ['x'] }));
    expect(error.message).toBe(
      'InvalidArgument: Greeter.greetPerson: argument 1 (person.tags) must be a Set, got an array of 1',
    );
  });
});
