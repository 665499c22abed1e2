import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counter, ReplicatedMap, ReplicatedSet, Value } from '@decoraft/collections';
import {
  type ChangeOf,
  CounterClient,
  ReplicatedMapClient,
  ReplicatedSetClient,
  ValueClient,
} from '@decoraft/collections/client';
import { type Cluster, connect } from 'decoraft/client';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';

interface User {
  readonly name: string;
  readonly since?: Date;
}

const directory = mkdtempSync(join(tmpdir(), 'decoraft-collections-'));
let nodes: readonly DecoraftNode[];
let addresses: readonly string[];
let ann: Cluster;
let bob: Cluster;

beforeAll(async () => {
  const peers = await freePeers();
  addresses = Object.values(peers);
  nodes = await Promise.all(
    Object.keys(peers).map((id) =>
      startNode({
        id,
        dataDir: join(directory, id),
        peers,
        machines: {
          users: new ReplicatedMap(),
          tags: new ReplicatedSet(),
          settings: new Value(),
          visits: new Counter(),
        },
      }),
    ),
  );
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  [ann, bob] = await Promise.all([connect(addresses), connect(addresses)]);
});

afterEach(() => Promise.all([ann.close(), bob.close()]));

const namesOf = (changes: readonly ChangeOf<User>[]): readonly string[] =>
  changes.map((change) => (change.kind === 'set' ? `set ${change.key}` : `${change.reason} ${change.key}`));

it('a map keeps any data in order, and swaps it by value and by version', async () => {
  const users = new ReplicatedMapClient<User>(ann, 'users').with({ timeoutMs: 60_000 });
  const ada = { name: 'Ada', since: new Date(1815) };
  expect(await users.set('crew/ada', ada)).toBeUndefined();
  expect(await users.get('crew/ada')).toEqual(ada);
  expect(await users.compareAndSet('crew/ada', { since: new Date(1815), name: 'Ada' }, { name: 'A.' })).toBe(
    true,
  );
  expect(await users.compareAndSet('crew/ada', ada, { name: 'nobody' })).toBe(false);
  const { version = 0 } = (await users.getEntry('crew/ada')) ?? {};
  expect(await users.setIfVersion('crew/ada', version, ada)).toBe(version + 1);
  expect(await users.setIfVersion('crew/ada', version, { name: 'too late' })).toBeUndefined();
  for (let number = 0; number < 5; number++) await users.set(`crew/${number}`, { name: `${number}` });
  const keys: string[] = [];
  for await (const key of users.keys({ prefix: 'crew/', limit: 2 })) keys.push(key);
  expect(keys).toEqual(['crew/0', 'crew/1', 'crew/2', 'crew/3', 'crew/4', 'crew/ada']);
  for await (const { key, value } of users.entries({ prefix: 'crew/', limit: 4 })) {
    expect(value.name).toBe(key === 'crew/ada' ? 'Ada' : key.slice('crew/'.length));
  }
  expect(await users.clear()).toBe(6);
});

it('who watches a prefix hears of what is set, expires, and goes with its owner, and of nothing else', async () => {
  const users = new ReplicatedMapClient<User>(ann, 'users').with({ timeoutMs: 60_000 });
  const others = new ReplicatedMapClient<User>(bob, 'users').with({ timeoutMs: 60_000 });
  const [called, looped]: [ChangeOf<User>[], ChangeOf<User>[]] = [[], []];
  const stop = await users.onPrefixChanged('here/', (change) => called.push(change));
  const changes = users.onPrefixChanged('here/');
  await changes.ready;
  const loop = (async () => {
    for await (const change of changes) looped.push(change);
  })();
  await others.set('there/1', { name: 'unheard' });
  await others.set('here/1', { name: 'short' }, { ttlMs: 100 });
  await until('what lives for a moment is gone', async () => called.length === 2);
  await others.set('here/2', { name: 'mine' }, { ephemeral: true });
  expect((await others.getEntry('here/2'))?.isEphemeral).toBe(true);
  await bob.close();
  await until('what belongs to a session is gone with it', () => called.length === 4 && looped.length === 4);
  expect(namesOf(called)).toEqual(['set here/1', 'expired here/1', 'set here/2', 'session-ended here/2']);
  expect(looped).toEqual(called);
  await stop();
  await changes.close();
  await loop;
  await users.set('here/3', { name: 'unheard' });
  expect([called.length, looped.length]).toEqual([4, 4]);
  expect(stop.status.kind).toBe('ended');
  await users.clear();
});

it('a set, a value and a counter are what their names say', async () => {
  const tags = new ReplicatedSetClient<readonly string[]>(ann, 'tags');
  const added: unknown[] = [];
  const stop = await tags.onAdded((tag) => added.push(tag));
  expect([await tags.add(['a', 'b']), await tags.add(['a', 'b']), await tags.has(['a', 'b'])]).toEqual([
    true,
    false,
    true,
  ]);
  await until('the set tells', () => added.length === 1);
  expect([await tags.delete(['a', 'b']), await tags.size()]).toEqual([true, 0]);
  await stop();

  const settings = new ValueClient<{ readonly color: string }>(ann, 'settings');
  expect(await settings.get()).toBeUndefined();
  expect(await settings.setIfVersion(0, { color: 'red' })).toBe(1);
  expect(await settings.compareAndSet({ color: 'red' }, { color: 'green' })).toBe(true);
  expect(await settings.getVersioned()).toEqual({ value: { color: 'green' }, version: 2 });

  const visits = new CounterClient(bob, 'visits');
  const sums = await Promise.all(Array.from({ length: 20 }, () => visits.increment()));
  expect(sums).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  const overflow = visits.increment(Number.MAX_SAFE_INTEGER);
  await expect(overflow).rejects.toMatchObject({ code: 'CommandRejected', data: { code: 'Overloaded' } });
  expect(await visits.get()).toBe(20);
});
