import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'decoraft/client';
import { expect, it, onTestFinished } from 'vitest';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import { freePeers, NodeProcess, until } from '../examples/key-value/src/node-process.js';
import { ProcessCluster } from './support/process-cluster.js';

const DECORAFT = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));
const WRITERS = 8;
const WRITES_BEFORE = 400;

async function decoraft(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [DECORAFT, ...args]);
  return stdout;
}

/** Writers that each write one key after the other, and know what was acknowledged. */
class Load {
  readonly acknowledged = new Map<string, string>();
  readonly #users: KeyValueClient;
  readonly #done: Promise<unknown>;
  #isOver = false;

  constructor(users: KeyValueClient) {
    this.#users = users;
    this.#done = Promise.all(Array.from({ length: WRITERS }, (_, writer) => this.#write(writer)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #write(writer: number): Promise<void> {
    for (let at = 0; !this.#isOver; at++) {
      const key = keyOf(writer, at);
      await this.#users.set(key, `value of ${key}`);
      this.acknowledged.set(key, `value of ${key}`);
    }
  }
}

const keyOf = (writer: number, at: number): string => `${writer}/${at}`;

it('a backup under load has everything that was acknowledged before, and becomes a cluster of its own', async () => {
  const cluster = await ProcessCluster.start();
  onTestFinished(() => cluster.close());
  const users = await cluster.users();
  const load = new Load(users);
  await until('some writes', () => load.acknowledged.size >= WRITES_BEFORE);

  // From a follower: any member serves.
  const leader = await cluster.leader();
  const follower = cluster.nodes.find(({ id }) => id !== leader.id);
  const file = join(cluster.directory, 'backup');
  const before = new Map(load.acknowledged);
  const said = await decoraft('backup', '--from', follower?.address ?? '', '--to', file);
  expect(said).toContain(`by node ${follower?.id}`);
  const during = load.acknowledged.size;
  await until('more writes', () => load.acknowledged.size >= during + WRITES_BEFORE);
  await load.stop();

  const restored = await freePeers(['x', 'y', 'z']);
  const [home = '', ...others] = Object.values(restored);
  const directory = join(cluster.directory, 'x');
  await decoraft('restore', file, '--to', directory, '--id', 'x', '--address', home);
  const nodes = [
    new NodeProcess('x', directory, { x: home }),
    ...['y', 'z'].map((id, at) => {
      const peers = { [id]: others[at] ?? '' };
      return new NodeProcess(id, join(cluster.directory, id), peers, { more: { join: [home] } });
    }),
  ];
  onTestFinished(() => Promise.all(nodes.map((node) => node.kill())).then(() => undefined));
  for (const node of nodes) node.start();
  const other = await connect([home], { connectTimeoutMs: 30_000 });
  onTestFinished(() => other.close());
  const copies = new KeyValueClient(other, 'users').with({ timeoutMs: 30_000, consistency: 'linearizable' });
  await until('three voters', async () => {
    const { members } = await other.info();
    return members.length === 3 && members.every(({ role }) => role === 'leader' || role === 'follower');
  });

  for (const [key, value] of before) expect(await copies.get(key)).toBe(value);
  // It is a state that was: none of a writer's keys is there without those that it had written before.
  for (let writer = 0; writer < WRITERS; writer++) {
    const count = [...load.acknowledged.keys()].filter((key) => key.startsWith(`${writer}/`)).length;
    const isThere: boolean[] = [];
    for (let at = 0; at < count; at++) isThere.push((await copies.get(keyOf(writer, at))) !== undefined);
    expect(isThere).toEqual(isThere.toSorted((left, right) => Number(right) - Number(left)));
    expect(isThere).toContain(false);
  }
  await copies.set('only here', 'yes');
  expect(await copies.get('only here')).toBe('yes');

  // The old cluster has all of its own, and nothing of the other.
  const old = users.with({ consistency: 'linearizable' });
  for (const [key, value] of load.acknowledged) expect(await old.get(key)).toBe(value);
  expect(await old.get('only here')).toBeUndefined();
  const { members } = await (await cluster.connect()).info();
  expect(members.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
}, 120_000);
