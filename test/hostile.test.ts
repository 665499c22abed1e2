import { stableHash } from '@decoraft/base';
import {
  encodeProposal,
  groupServiceName,
  machineId,
  type OperationId,
  type SessionId,
} from '@decoraft/protocol';
import { index } from '@decoraft/raft';
import { encodeValue, methodId, openChannel, serviceId } from '@decoraft/rpc';
import { type Cluster, connect, type DecoraftError } from 'decoraft/client';
import { type DecoraftNode, startNode } from 'decoraft/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';
import '../examples/key-value/src/generated/operations.js';
import { KeyValue } from '../examples/key-value/src/key-value.machine.js';
import { freePeers } from '../examples/key-value/src/node-process.js';

let node: DecoraftNode;
let cluster: Cluster;
let users: KeyValueClient;

beforeAll(async () => {
  const peers = await freePeers(['a']);
  node = await startNode({ id: 'a', dataDir: ':memory:', peers, machines: { users: new KeyValue() } });
  cluster = await connect([node.address]);
  users = new KeyValueClient(cluster, 'users');
  await users.set('before', '1');
});

afterAll(async () => {
  await cluster.close();
  await node.close();
});

/** What somebody asked for stands in the log so many times; what the leader sees to by itself is not counted. */
function loggedCount(): number {
  const { log } = node.raft;
  if (!log) throw new Error('the node has a log');
  const entries = log.entries(log.firstIndex(), index(log.lastIndex() + 1), Infinity);
  return entries.filter(({ data, kind }) => kind === 'normal' && data.length > 0).length;
}

/** Nothing was logged, and another client's call works as before. */
async function expectUnharmed(attack: () => Promise<void>): Promise<void> {
  const before = loggedCount();
  expect(before).toBeGreaterThan(0);
  await attack();
  expect(loggedCount()).toBe(before);
  expect(await users.get('before')).toBe('1');
}

const set = (machine: string, operation: number, args: unknown): Promise<unknown> =>
  cluster.command(
    { machine, operation, name: 'set', args: args as readonly unknown[] },
    { timeoutMs: 3_000 },
  );

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'answered',
    (error: unknown) => (error as DecoraftError).code,
  );

const SET = stableHash('set');
const GET = stableHash('get');

describe('a wrong call is a typed error before anything is logged', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    ['an unknown machine', 'NotFound', () => set('nobody', SET, ['k', 'v'])],
    ['an unknown method', 'Unimplemented', () => set('users', 12, ['k', 'v'])],
    ['a query as a command', 'Unimplemented', () => set('users', GET, ['k'])],
    ['a missing argument', 'InvalidArgument', () => set('users', SET, ['k'])],
    ['an argument too many', 'InvalidArgument', () => set('users', SET, ['k', 'v', 'w'])],
    ['a mistyped argument', 'InvalidArgument', () => set('users', SET, ['k', 5])],
    ['null as an argument', 'InvalidArgument', () => set('users', SET, ['k', null])],
    ['arguments that are no array', 'InvalidArgument', () => set('users', SET, { 0: 'k', 1: 'v' })],
    [
      'an object with __proto__',
      'InvalidArgument',
      () => set('users', SET, ['k', JSON.parse('{"__proto__":{"x":1}}')]),
    ],
    [
      'an object with constructor',
      'InvalidArgument',
      () => set('users', SET, ['k', { constructor: 1, toJSON: 1 }]),
    ],
  ])('%s', async (_, code, call) => {
    await expectUnharmed(async () => expect(await codeOf(call())).toBe(code));
  });

  it('and nothing was polluted', () => {
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('bytes that no client of ours sends', () => {
  const service = serviceId(groupServiceName('main'));
  const propose = methodId('propose');
  const origin = { session: 3 as SessionId, sequence: 1, acknowledged: 0 };
  const command = (args: Uint8Array): Uint8Array =>
    encodeProposal({
      kind: 'command',
      origin,
      machine: machineId('users'),
      operation: SET as OperationId,
      args,
    });

  const nested = Uint8Array.from({ length: 10_001 }, (_, at) => (at < 10_000 ? 0x91 : 0xc0));
  it.each<[string, Uint8Array]>([
    ['no proposal at all', Uint8Array.of(0xff, 1, 2)],
    ['an empty payload', new Uint8Array(0)],
    ['arguments that are garbage', command(Uint8Array.of(0xc1, 0xff, 0x00))],
    ['an array that declares a gigabyte', command(Uint8Array.of(0xdd, 0x40, 0, 0, 0))],
    ['a string that declares a gigabyte', command(Uint8Array.of(0x92, 0xdb, 0x40, 0, 0, 0))],
    ['arguments nested 10,000 deep', command(nested)],
    [
      'an expiry that only the leader may propose',
      encodeProposal({ kind: 'expire-sessions', sessions: [origin.session] }),
    ],
  ])('%s gets a typed error', async (_, payload) => {
    await expectUnharmed(async () => {
      const channel = await openChannel(node.address);
      const code = await codeOf(channel.call(service, propose, payload, { timeoutMs: 3_000 }));
      expect(['InvalidArgument', 'PermissionDenied']).toContain(code);
      channel.close();
    });
  });

  it.each<[string, Uint8Array]>([
    ['garbage', Uint8Array.of(1, 2, 3)],
    ['a vote request from nowhere', new Uint8Array(100).fill(0xff)],
  ])('a Raft message that is %s changes nothing', async (_, payload) => {
    await expectUnharmed(async () => {
      const channel = await openChannel(node.address);
      channel.send(service, methodId('step'), payload);
      expect(
        await channel.call(service, methodId('info'), encodeValue([]), { timeoutMs: 3_000 }),
      ).toBeDefined();
      channel.close();
    });
  });

  it.each<[string, string | Uint8Array]>([
    ['a text frame', 'hello'],
    ['garbage instead of a hello', new Uint8Array(64).fill(0xee)],
    ['a frame over the limit', new Uint8Array(17 * 1024 * 1024)],
  ])('%s closes its connection, with a reason', async (_, message) => {
    await expectUnharmed(async () => {
      const socket = new WebSocket(`ws://${node.address}`);
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('open', resolve));
      const closed = new Promise<number>((resolve) => socket.once('close', resolve));
      socket.send(message);
      expect(await closed).toBeGreaterThanOrEqual(1002);
    });
  });
});

describe('calls that are given up', () => {
  it('by their signal reject with its reason', async () => {
    const reason = new Error('changed my mind');
    const aborted = users.with({ signal: AbortSignal.abort(reason) });
    await expect(aborted.set('k', 'v')).rejects.toBe(reason);
    await expect(aborted.get('k')).rejects.toBe(reason);
  });

  it('by closing the cluster end at once', async () => {
    const other = await connect([node.address]);
    await other.close();
    expect(await codeOf(new KeyValueClient(other, 'users').set('k', 'v'))).toBe('Cancelled');
  });
});

describe('a listener that is none', () => {
  it.each<unknown>([null, 5, 'log', {}])('is refused: %s', async (listener) => {
    expect(await codeOf(users.onInserted(listener as never))).toBe('InvalidArgument');
  });
});

describe('a client that connects wrongly hears why', () => {
  it.each<[string, readonly string[], string]>([
    ['no address', [], 'InvalidArgument'],
    ['an address that is no list', '127.0.0.1:1' as never, 'InvalidArgument'],
    ['nobody there', ['127.0.0.1:1'], 'Unavailable'],
  ])('%s', async (_, addresses, code) => {
    expect(await codeOf(connect(addresses, { connectTimeoutMs: 300 }))).toBe(code);
  });
});

describe('a node that is started wrongly says why', () => {
  const machines = { users: new KeyValue() };
  it.each<[string, Parameters<typeof startNode>[0], string]>([
    [
      'an id that is no peer',
      { id: 'x', dataDir: ':memory:', peers: { a: '127.0.0.1:0' }, machines },
      'node x is not among the peers a',
    ],
    [
      'an address beyond loopback',
      { id: 'a', dataDir: ':memory:', peers: { a: '0.0.0.0:0' }, machines },
      'insecure',
    ],
    ['no peers', { id: 'a', dataDir: ':memory:', peers: {}, machines }, 'not among the peers'],
  ])('%s', async (_, options, words) => {
    await expect(startNode(options)).rejects.toThrow(words);
  });

  it.each<[string, object]>([
    ['dataDir', { dataDir: '' }],
    ['dataDir', { dataDir: 5 }],
    ['peers', { peers: undefined }],
    ['peers', { peers: { a: 5 } }],
    ['machines', { machines: undefined }],
    ['machines', { machines: { '': new KeyValue() } }],
    ['machines', { machines: { users: null } }],
    ['join', { join: 5 }],
    ['settings', { settings: 5 }],
    ['insecure', { insecure: 'yes' }],
    ['logger', { logger: {} }],
    ['dataDirectory', { dataDirectory: 'spelt wrongly' }],
  ])('an option %s that cannot be: %o', async (name, wrong) => {
    const options = { id: 'a', dataDir: ':memory:', peers: { a: '127.0.0.1:0' }, machines, ...wrong };
    await expect(startNode(options)).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringMatching(new RegExp(String.raw`option ${name}\b`)) as unknown,
    });
  });
});
