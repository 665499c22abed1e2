import { type DecoraftNode, startNode } from '@decoraft/server';
import { silentLogger } from '@decoraft/base';
import { connect } from '@decoraft/client';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LedgerClient } from '../src/proof/ledger-client.js';
import { PROOF } from '../src/proof/proof.js';
import { Workspace } from './command.js';

const IDS = ['a', 'b', 'c'] as const;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

async function freePeers(): Promise<Readonly<Record<string, string>>> {
  const peers: [string, string][] = [];
  for (const id of IDS) peers.push([id, `127.0.0.1:${await freePort()}`]);
  return Object.fromEntries(peers);
}

async function start(
  workspace: Workspace,
  id: string,
  peers: Readonly<Record<string, string>>,
): Promise<DecoraftNode> {
  const machines = Object.fromEntries(
    Object.entries(PROOF.machines).map(([name, create]) => [name, create()]),
  );
  const dataDir = workspace.path(id);
  const node = await startNode({
    id,
    dataDir,
    peers,
    machines,
    logger: silentLogger,
    onFatal: () => undefined,
  });
  onTestFinished(() => node.close().catch(() => undefined));
  return node;
}

/** Three nodes that ran, agreed on a text, and stopped. */
async function lostCluster(workspace: Workspace): Promise<Readonly<Record<string, string>>> {
  const peers = await freePeers();
  const nodes = await Promise.all(IDS.map((id) => start(workspace, id, peers)));
  const client = await connect(Object.values(peers), { connectTimeoutMs: 20_000 });
  await LedgerClient.of(client).set('first', 'key', 'kept');
  await client.close();
  await Promise.all(nodes.map((node) => node.close()));
  return peers;
}

describe('decoraft force-new-cluster', () => {
  test('says what it would mean, does it with the token, and the survivor goes on alone', async () => {
    const workspace = new Workspace();
    const peers = await lostCluster(workspace);
    const address = peers['a'] ?? '';
    const args = ['force-new-cluster', 'a', '--id', 'a', '--address', address];

    const plan = await workspace.run(...args);
    expect({ code: plan.code, errors: plan.errors }).toEqual({ code: 0, errors: '' });
    expect(plan.output).toMatch(/members that are lost +b, c$/m);
    expect(plan.output).toMatch(/this log ends with +entry \d+ of term \d+$/m);
    expect(plan.output).toContain('WHAT ONLY b, c HAD IS LOST');
    expect(plan.output).toContain('b, c MUST NEVER BE STARTED AGAIN');
    expect(plan.output).toContain('Nothing has been changed.');
    expect(await workspace.run(...args)).toEqual(plan);

    const wrong = await workspace.run(...args, '--token', 'unread');
    expect(wrong.code).toBe(1);
    expect(wrong.errors).toContain('unread is not the token of this log');

    const command = /npx decoraft .*--token \S+/.exec(plan.output)?.[0] ?? '';
    const done = await workspace.runPrinted(command);
    expect({ code: done.code, errors: done.errors }).toEqual({ code: 0, errors: '' });
    expect(done.output).toContain(`Node a at ${address} is the only member of a new cluster.`);

    const twice = await workspace.runPrinted(command);
    expect(twice.code).toBe(1);
    expect(twice.errors).toContain('is not the token');

    await start(workspace, 'a', peers);
    const client = await connect([address], { connectTimeoutMs: 20_000 });
    const ledger = LedgerClient.of(client);
    expect(await ledger.set('second', 'key', 'alone')).toBe('kept');
    expect((await client.info()).members).toEqual([{ id: 'a', address, role: 'leader' }]);
    await client.close();
  });

  test('refuses while the node runs, and for another id', async () => {
    const workspace = new Workspace();
    const address = `127.0.0.1:${await freePort()}`;
    const node = await start(workspace, 'a', { a: address });
    const whileRunning = await workspace.run('force-new-cluster', 'a', '--id', 'a', '--address', address);
    expect(whileRunning.code).toBe(1);
    expect(whileRunning.errors).toContain('Unavailable');
    expect(whileRunning.output).toBe('');
    await node.close();
    const other = await workspace.run('force-new-cluster', 'a', '--id', 'b', '--address', address);
    expect(other.code).toBe(1);
    expect(other.errors).toContain("belongs to node 'a'");
  });

  test('makes no node of a directory that is none', async () => {
    const workspace = new Workspace({ 'holiday/photo.txt': 'sea' });
    for (const directory of ['holiday', 'nowhere']) {
      const args = ['force-new-cluster', directory, '--id', 'a', '--address', 'localhost:2100'];
      const { code, errors } = await workspace.run(...args);
      expect(code).toBe(1);
      expect(errors).toContain(`${directory} is no directory of a node`);
    }
    expect(workspace.list()).toEqual(['holiday']);
    expect(workspace.list('holiday')).toEqual(['photo.txt']);
  });

  test.each([
    [[], 'needs the directory'],
    [['a', 'b', '--id', 'a', '--address', 'x:1'], 'takes one directory'],
    [['a', '--address', 'x:1'], 'needs --id'],
    [['a', '--id', 'a'], 'needs --address'],
    [['a', '--id', 'a', '--address', 'x'], "--address is a host and a port, like 10.0.0.1:2100, not 'x'"],
    [['a', '--id', 'a', '--address', 'x:70000'], "not 'x:70000'"],
    [['a', '--force'], '--force'],
  ])('does not understand %j', async (args, message) => {
    const { code, errors } = await new Workspace().run('force-new-cluster', ...args);
    expect(code).toBe(2);
    expect(errors).toContain(message);
  });

  test('--help warns', async () => {
    const { code, output } = await new Workspace().run('force-new-cluster', '--help');
    expect(code).toBe(0);
    expect(output).toContain('lost the majority of its members FOR GOOD');
  });
});
