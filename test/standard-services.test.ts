import { pause, systemClock } from '@decoraft/base';
import {
  type Cluster,
  connect,
  HEALTH_SERVICE,
  HealthClient,
  type HealthStatus,
  REFLECTION_SERVICE,
  ReflectionClient,
} from 'decoraft/client';
import {
  addHealth,
  type DecoraftNode,
  type NodeOptions,
  RpcServer,
  startNode,
  valueService,
} from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import '../examples/counter/src/generated/operations.js';
import { freePeers } from '../examples/key-value/src/node-process.js';
import { GreeterClient } from './services/generated/greeter.client.js';
import './services/generated/operations.js';
import { Greeter } from './services/greeter.service.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

async function start(options: Partial<NodeOptions> = {}): Promise<DecoraftNode> {
  const peers = await freePeers(['a']);
  const machines = { visits: new Counter() };
  return later(await startNode({ id: 'a', dataDir: ':memory:', peers, machines, ...options }));
}

async function open({ address }: { readonly address: string }): Promise<Cluster> {
  return later(await connect([address]));
}

const healthOf = (cluster: Cluster): HealthClient => new HealthClient(cluster, HEALTH_SERVICE);
const reflectionOf = (cluster: Cluster): ReflectionClient =>
  new ReflectionClient(cluster, REFLECTION_SERVICE);

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    if (await isTrue()) return;
    await pause(systemClock, 5);
  }
  expect.fail('it did not become true');
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (error as { code: string }).code,
  );

describe('the services of a node', () => {
  it('are what is registered: a class, functions, or one with an ID and limits of its own', async () => {
    const limited = { service: new Greeter('limited'), id: 77, limits: { maxPayloadBytes: 1_000 } };
    const plain = valueService({ greet: (name: string) => `plain ${name}` });
    const node = await start({ services: { greeter: new Greeter(), plain, limited } });
    const cluster = await open(node);
    const greet = (name: ConstructorParameters<typeof GreeterClient>[1]) =>
      new GreeterClient(cluster, name).greet('you');
    expect(await greet('greeter')).toBe('hello you');
    expect(await cluster.service('plain').call('greet', ['you'])).toBe('plain you');
    await expect(greet('plain')).rejects.toThrow(
      'plain functions are called by name, not by a generated client',
    );
    expect(await greet({ name: 'limited', id: 77 })).toBe('limited you');
    const long = new GreeterClient(cluster, { name: 'limited', id: 77 }).greet('x'.repeat(1_001));
    expect(await codeOf(long)).toBe('InvalidArgument');
  });

  it('collide with nothing that the node has itself', async () => {
    const taken = start({ services: { [HEALTH_SERVICE]: new Greeter() } });
    await expect(taken).rejects.toMatchObject({ code: 'InvalidArgument' });
  });
});

describe('health', () => {
  it('says of services, machines, groups and the node that they are serving', async () => {
    const health = healthOf(await open(await start({ services: { greeter: new Greeter() } })));
    await until(async () => (await health.check()) === 'serving');
    const names = ['greeter', 'visits', 'decoraft.group.main', HEALTH_SERVICE, ''];
    expect(await Promise.all(names.map((name) => health.check(name)))).toEqual(names.map(() => 'serving'));
    expect(await health.check('nobody')).toBe('unknown');
  });

  it('says of a group without a leader, and of its machines, that they are not', async () => {
    const peers = await freePeers(['a', 'b', 'c']);
    const node = await start({ peers, services: { greeter: new Greeter() } });
    const health = healthOf(await open(node));
    const names = ['greeter', 'visits', 'decoraft.group.main', ''];
    expect(await Promise.all(names.map((name) => health.check(name)))).toEqual([
      'serving',
      'not-serving',
      'not-serving',
      'not-serving',
    ]);
  });

  it('says what it was told, until that is taken back', async () => {
    const node = await start({ services: { greeter: new Greeter() } });
    const health = healthOf(await open(node));
    node.health?.set('greeter', 'not-serving');
    expect(await health.check('greeter')).toBe('not-serving');
    node.health?.set('greeter', undefined);
    expect(await health.check('greeter')).toBe('serving');
  });

  it('is watched: each change once, as services come and go', async () => {
    const node = await start();
    const seen: HealthStatus[] = [];
    const loop = (async () => {
      for await (const status of healthOf(await open(node)).watch('late'))
        if (seen.push(status) === 4) return;
    })();
    await until(() => seen.length === 1);
    node.server.register('late', new Greeter());
    await until(() => seen.length === 2);
    node.health?.set('late', 'not-serving');
    await until(() => seen.length === 3);
    node.server.unregister('late');
    node.health?.set('late', undefined);
    await loop;
    expect(seen).toEqual(['unknown', 'serving', 'not-serving', 'unknown']);
  });

  it('says before the node closes that it is not serving any more', async () => {
    const node = await start();
    const health = healthOf(await open(node));
    await until(async () => (await health.check()) === 'serving');
    const seen: HealthStatus[] = [];
    const loop = async (): Promise<void> => {
      for await (const status of health.watch()) seen.push(status);
    };
    const ended = codeOf(loop());
    await until(() => seen.length === 1);
    await node.close();
    expect(await ended).toBe('Unavailable');
    expect(seen).toEqual(['serving', 'not-serving']);
  });

  it('is had by a server without any group as well, and by none that does not want it', async () => {
    const server = later(new RpcServer({ address: '127.0.0.1:0' }));
    addHealth({ server });
    await server.listen();
    expect(await healthOf(await open(server)).check()).toBe('serving');
    const cluster = await open(await start({ health: false, reflection: false }));
    expect(await codeOf(healthOf(cluster).check())).toBe('Unimplemented');
    expect(await codeOf(reflectionOf(cluster).list())).toBe('Unimplemented');
  });
});

describe('reflection', () => {
  it('lists what is registered, as it is now', async () => {
    const node = await start({ services: { greeter: { service: new Greeter(), id: 77 } } });
    const reflection = reflectionOf(await open(node));
    const names = async () => (await reflection.list()).map(({ kind, name }) => `${kind} ${name}`);
    const standard = [`service ${HEALTH_SERVICE}`, `service ${REFLECTION_SERVICE}`];
    const known = ['service decoraft.group.main', 'service greeter', ...standard, 'machine visits'];
    // A node may have further services of its own.
    expect((await names()).filter((name) => known.includes(name))).toEqual(known);
    node.server.unregister('greeter');
    expect(await names()).not.toContain('service greeter');
    node.server.register('late', new Greeter());
    const late = (await reflection.list()).find(({ name }) => name === 'late');
    expect(late?.members).toContain('echo');
  });

  it('describes a service with what its methods take and give', async () => {
    const services = { greeter: { service: new Greeter(), id: 77 } };
    const [greeter] = await reflectionOf(await open(await start({ services }))).describe('greeter');
    expect(greeter).toMatchObject({ kind: 'service', id: 77, className: 'Greeter' });
    expect(greeter).toHaveProperty(
      'methods',
      expect.arrayContaining([
        expect.objectContaining({
          name: 'echo',
          kind: 'bidirectional-stream',
          signature: {
            parameters: [{ name: 'prefix', schema: { kind: 'string' }, optional: true }],
            source: { name: 'values', at: 0, item: { kind: 'string' } },
            result: { kind: 'string' },
          },
        }),
      ]),
    );
    expect(greeter?.types).toHaveProperty('Person');
  });

  it('describes a machine with its group, and a service that was not generated by its methods', async () => {
    const plain = valueService({ greet: (name: string) => `plain ${name}` });
    const reflection = reflectionOf(await open(await start({ services: { plain } })));
    const [visits] = await reflection.describe('visits');
    expect(visits).toMatchObject({ kind: 'machine', group: 'main', className: 'Counter' });
    const operations = visits?.kind === 'machine' ? visits.operations : [];
    expect(operations.map(({ kind, name }) => `${kind} ${name}`)).toContain('cmd add');
    expect(await reflection.describe('plain')).toMatchObject([
      { kind: 'service', name: 'plain', methods: [{ name: 'greet', kind: 'unary' }], types: {} },
    ]);
    expect(await codeOf(reflection.describe('nobody'))).toBe('NotFound');
  });
});
