import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, connect, DecoraftError } from 'decoraft/client';
import { type DecoraftNode, RpcServer, startNode } from 'decoraft/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { DeskClient as OldDeskClient } from './schema-mismatch/v1/generated/desk.client.js';
import './schema-mismatch/v1/generated/operations.js';
import { ShopClient as OldShopClient } from './schema-mismatch/v1/generated/shop.client.js';
import { TillClient as OldTillClient } from './schema-mismatch/v1/generated/till.client.js';
import { Shop as OldShop } from './schema-mismatch/v1/shop.machine.js';
import { Till as OldTill } from './schema-mismatch/v1/till.machine.js';
import { Desk } from './schema-mismatch/v2/desk.service.js';
import { DeskClient } from './schema-mismatch/v2/generated/desk.client.js';
import './schema-mismatch/v2/generated/operations.js';
import { ShopClient } from './schema-mismatch/v2/generated/shop.client.js';
import { TillClient } from './schema-mismatch/v2/generated/till.client.js';
import { Shop } from './schema-mismatch/v2/shop.machine.js';
import { Till } from './schema-mismatch/v2/till.machine.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

/** Why a call was refused. */
async function refusal(work: Promise<unknown>): Promise<DecoraftError> {
  const result = await work.then(
    (value) => `gave ${String(value)}`,
    (thrown: unknown) => thrown,
  );
  expect(result).toBeInstanceOf(DecoraftError);
  const error = result as DecoraftError;
  expect(error.code).toBe('SchemaMismatch');
  expect(error.nextStep).toBe('fix the call');
  return error;
}

const wordsOf = async (work: Promise<unknown>): Promise<string> => (await refusal(work)).message;

describe('a client of one version, and a node with the next', () => {
  let cluster: Cluster;
  /** Generated from version 1; the node has version 2. */
  let shop: OldShopClient;
  /** What version 2 has counted. */
  let count: () => Promise<number>;

  beforeEach(async () => {
    const machines = { shop: new Shop(), old: new OldShop() };
    const node = later(
      await startNode({ id: 'a', dataDir: ':memory:', peers: await freePeers(['a']), machines }),
    );
    cluster = later(await connect([node.address]));
    shop = new OldShopClient(cluster, 'shop');
    count = () => new ShopClient(cluster, 'shop').count();
  });

  it('calls that fit go through, and each of them once', async () => {
    expect(await shop.same('a')).toBe(1);
    expect(await shop.addedOptional('b')).toBe(2);
    expect(await shop.addedOptional('c')).toBe(3);
    expect(await shop.narrowed()).toBe('always');
    expect(await shop.find('d')).toBe('d at any');
    expect(await count()).toBe(4);
  });

  it('keeps the order of commands, whichever of them is compared first', async () => {
    const all = [
      shop.same('a'),
      shop.addedOptional('b'),
      shop.same('c'),
      shop.addedOptional('d'),
      shop.same('e'),
    ];
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a required parameter more is told, and nothing is applied', async () => {
    const error = await refusal(shop.addedRequired('a'));
    expect(error.message).toBe(
      'SchemaMismatch: shop.addedRequired: the client was generated from addedRequired(item: string): number, ' +
        'the node has addedRequired(item: string, amount: number): number: ' +
        'argument 2 (amount): absent in the client, required on the node',
    );
    expect(error.data).toEqual({
      client: 'addedRequired(item: string): number',
      node: 'addedRequired(item: string, amount: number): number',
      differences: [{ path: 'argument 2 (amount)', words: 'absent in the client, required on the node' }],
    });
    expect(await shop.same('a')).toBe(1);
  });

  it('a property of another name is told', async () => {
    expect(await wordsOf(shop.renamedProperty({ item: 'a', ttl: 1 }))).toContain(
      'argument 1 (wish.lifetime): absent in the client, required on the node',
    );
    expect(await count()).toBe(0);
  });

  it('a result that the client does not understand is told before the command is applied', async () => {
    expect(await wordsOf(shop.widened())).toContain('result: may be "middle" on the node, not in the client');
    expect(await wordsOf(shop.price('a'))).toContain('result: a bigint on the node, a number in the client');
    expect(await count()).toBe(0);
  });

  it('a method that is gone is unknown, as it always was', async () => {
    await expect(shop.removed()).rejects.toThrow(
      'Unimplemented: machine shop has no @cmd with the name removed',
    );
  });

  it('an event whose value has changed is told at once; one with more in it is heard', async () => {
    expect(await wordsOf(shop.onSold(() => undefined))).toContain(
      'event.amount: a string on the node, a number in the client',
    );
    const heard: unknown[] = [];
    await shop.onNamed((value) => heard.push(value));
    await shop.same('a');
    await until('the event', () => heard.length > 0);
    expect(heard).toEqual([{ name: 'a', by: 'v2' }]);
  });

  it('the same client calls a machine of its own version beside it', async () => {
    const old = new OldShopClient(cluster, 'old');
    expect(await shop.addedOptional('a')).toBe(1);
    expect(await old.addedOptional('a')).toBe(1);
    expect(await old.addedRequired('a')).toBe(2);
    expect(await old.widened()).toBe('low');
    await refusal(shop.addedRequired('a'));
  });

  it('and the other way round: a newer client and an older node', async () => {
    const newer = new ShopClient(cluster, 'old');
    expect(await newer.same('a')).toBe(1);
    expect(await wordsOf(newer.addedOptional('a', 'b'))).toContain(
      'argument 2 (note): given in the client, not taken on the node',
    );
    expect(await newer.widened()).toBe('low');
    expect(await wordsOf(newer.narrowed())).toContain(
      'result: may be undefined on the node, not in the client',
    );
  });
});

describe('a node that goes over to the next version while a client is connected', () => {
  it('is called by what it has then', async () => {
    const dataDir = later({ path: await mkdtemp(join(tmpdir(), 'decoraft-mismatch-')), close: remove }).path;
    const peers = await freePeers(['a']);
    const start = (till: OldTill | Till): Promise<DecoraftNode> =>
      startNode({ id: 'a', dataDir, peers, machines: { till } });
    const before = await start(new OldTill());
    const cluster = later(await connect([before.address]));
    const old = new OldTillClient(cluster, 'till').with({ timeoutMs: 30_000 });
    const newer = new TillClient(cluster, 'till').with({ timeoutMs: 30_000 });
    expect(await old.add(1)).toBe(1);
    expect(await wordsOf(newer.add(1))).toContain(
      'argument 2 (note): given in the client, not taken on the node',
    );
    expect(await old.total()).toBe(1);
    await before.close();
    later(await start(new Till()));
    // By another contract than before, on the same client: compared again.
    expect(await old.add(1)).toBe(2);
    // Refused, and so not applied, until the group has agreed on the table of the new code.
    const twice = await until('the group agrees', () => newer.add(1, 'twice').catch(() => false as const));
    expect(twice).toBe(4);
    expect(await newer.total()).toBe(4n);
    expect(await wordsOf(old.total())).toContain('result: a bigint on the node, a number in the client');
  });
});

async function remove(this: { readonly path: string }): Promise<void> {
  await rm(this.path, { recursive: true, force: true });
}

describe('a service of the next version', () => {
  async function desk(): Promise<OldDeskClient & { readonly same: DeskClient }> {
    const server = later(new RpcServer({ address: '127.0.0.1:0' }));
    server.register('desk', new Desk());
    await server.listen();
    const cluster = later(await connect([server.address]));
    return Object.assign(new OldDeskClient(cluster, 'desk'), { same: new DeskClient(cluster, 'desk') });
  }

  async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
    const all: Item[] = [];
    for await (const item of items) all.push(item);
    return all;
  }

  async function* numbers(): AsyncGenerator<number> {
    yield* [1, 2, 3];
  }

  it('is called where calls fit', async () => {
    const client = await desk();
    expect(await client.greet('Ada')).toBe('hello dear Ada');
    expect(await client.greet('Eve')).toBe('hello dear Eve');
    expect(await collect(client.count(3))).toEqual([1, 2, 3]);
    expect(await client.same.size('Ada')).toBe(3n);
    expect(await client.same.sum(numbers())).toBe(6);
  });

  it('and refuses where they do not', async () => {
    const client = await desk();
    expect(await wordsOf(client.size('Ada'))).toBe(
      'SchemaMismatch: desk.size: the client was generated from size(text: string): number, ' +
        'the node has size(text: string): bigint: result: a bigint on the node, a number in the client',
    );
    expect(await wordsOf(collect(client.letters('Ada')))).toContain(
      'result: an object on the node, a string in the client',
    );
  });

  it('that takes a stream is called once it was compared: what was sent cannot be sent again', async () => {
    const client = await desk();
    expect(await wordsOf(client.sum(numbers()))).toContain(
      'the node has sum(values: AsyncIterable<number | bigint>): number: these fit, which was not known when it was called; ' +
        'it was not done, call again',
    );
    expect(await client.sum(numbers())).toBe(6);
  });
});
