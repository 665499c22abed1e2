import { connect } from '@decoraft/client';
import { type DecoraftNode, restoreBackup } from '@decoraft/server';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LedgerClient } from '../src/proof/ledger-client.js';
import type { Finished } from './command.js';
import { Workspace } from './command.js';
import { fill, freeAddress, startLedgerNode, stateOf, textOf } from './node-directory.js';

/** A node of its own with 20 keys. */
async function servingNode(workspace: Workspace): Promise<{ node: DecoraftNode; address: string }> {
  const address = await freeAddress();
  const node = await startLedgerNode({ id: 'a', dataDir: workspace.path('a'), peers: { a: address } });
  await fill([address], 1, 20);
  return { node, address };
}

async function ledgerAt(address: string): Promise<LedgerClient> {
  const cluster = await connect([address], { connectTimeoutMs: 20_000 });
  onTestFinished(() => cluster.close());
  return LedgerClient.of(cluster);
}

async function restore(workspace: Workspace, address: string, to = 'restored'): Promise<Finished> {
  return workspace.run('restore', 'backup', '--to', to, '--id', 'r', '--address', address);
}

/** The address of a way to `target` on which so many bytes come back, and then no more. */
async function stallingProxy(target: string, limitBytes: number): Promise<string> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = createConnection(Number(port), host);
    let passed = 0;
    far.on('data', (data: Buffer) => {
      passed += data.length;
      if (passed < limitBytes) near.write(data);
    });
    near.on('data', (data: Buffer) => far.write(data));
    for (const socket of [near, far]) socket.on('error', () => undefined).on('close', () => socket.destroy());
    sockets.add(near).add(far);
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe('decoraft backup', () => {
  test('writes a file that inspect understands, and overwrites none', async () => {
    const workspace = new Workspace();
    const { address } = await servingNode(workspace);
    const backup = await workspace.run('backup', '--from', address, '--to', 'backup');
    expect(backup.errors).toBe('');
    expect(backup.output).toMatch(/^cluster +[0-9a-f]{8}$/m);
    expect(backup.output).toContain(`members  a at ${address}, voter`);
    expect(backup.output).toContain('Written, flushed, read back, and compared with its checksum.');
    expect(backup.code).toBe(0);
    expect(workspace.list()).toEqual(['a', 'backup']);

    const content = readFileSync(workspace.path('backup'));
    const again = await workspace.run('backup', '--from', address, '--to', 'backup');
    expect(again.errors).toContain('exists already, and is not overwritten');
    expect(again.code).toBe(1);
    expect(readFileSync(workspace.path('backup')).equals(content)).toBe(true);

    const whole = await workspace.run('inspect', 'backup', '--verify');
    expect(whole.output).toMatch(/^made +\d{4}-.* by node a$/m);
    expect(whole.output).toContain('Whole: every byte was read.');
    expect(whole.code).toBe(0);
    content[content.length - 5] = 255 - (content[content.length - 5] ?? 0);
    writeFileSync(workspace.path('backup'), content);
    const damaged = await workspace.run('inspect', 'backup', '--verify', '--json');
    expect(JSON.parse(damaged.output)).toMatchObject({ kind: 'damaged-backup' });
    expect(damaged.code).toBe(1);
  }, 30_000);

  test('goes on to the next address when one does not serve, and says why when none does', async () => {
    const workspace = new Workspace();
    const { address } = await servingNode(workspace);
    const nobody = await freeAddress();
    const second = await workspace.run('backup', '--from', `${nobody},${address}`, '--to', 'backup');
    expect(second.output).toContain(`${address} serves entries up to`);
    expect(second.code).toBe(0);
    const none = await workspace.run('backup', '--from', nobody, '--to', 'other');
    expect(none.errors).toContain(`none of ${nobody} served a backup: `);
    expect(none.code).toBe(1);
    expect(workspace.list()).toEqual(['a', 'backup']);
  }, 30_000);

  test('is not served by a node that cannot tell whether others acknowledged more', async () => {
    const workspace = new Workspace();
    const peers = { a: await freeAddress(), b: await freeAddress(), c: await freeAddress() };
    const nodes = await Promise.all(
      Object.keys(peers).map((id) => startLedgerNode({ id, dataDir: workspace.path(id), peers })),
    );
    await fill(Object.values(peers), 1, 5);
    await Promise.all(nodes.slice(1).map((node) => node.close()));
    const { code, errors } = await workspace.run('backup', '--from', peers.a, '--to', 'backup');
    expect(errors).toMatch(/served a backup: (NoLeader|NotLeader)/);
    expect(code).toBe(1);
    expect(workspace.list()).toEqual(['a', 'b', 'c']);
  }, 30_000);

  test('leaves nothing behind when it is interrupted in the middle', async () => {
    const workspace = new Workspace();
    const { address } = await servingNode(workspace);
    const cluster = await connect([address], { connectTimeoutMs: 20_000 });
    for (let at = 0; at < 20; at++) {
      await LedgerClient.of(cluster).set(`large${at}`, `large-${at}`, 'x'.repeat(100_000));
    }
    await cluster.close();
    const command = workspace.start(
      'backup',
      '--from',
      await stallingProxy(address, 1_000_000),
      '--to',
      'backup',
    );
    const isHalf = (): boolean => workspace.list().some((name) => name.endsWith('.partial'));
    await command.until('half of it is there', isHalf);
    command.interrupt();
    const { code, errors } = await command.finished;
    expect(errors).toBe('decoraft: interrupted; there is no backup\n');
    expect(code).toBe(1);
    expect(workspace.list()).toEqual(['a']);
  }, 30_000);

  test('refuses a command that makes no sense', async () => {
    const workspace = new Workspace();
    for (const args of [[], ['--from', 'one:1'], ['--to', 'x'], ['--from', 'one', '--to', 'x'], ['--all']]) {
      const { code, errors } = await workspace.run('backup', ...args);
      expect(errors).toMatch(/^decoraft: (backup|each of --from)/);
      expect(code).toBe(2);
    }
  });
});

describe('decoraft restore', () => {
  test('makes a new cluster with all machines, which others join', async () => {
    const workspace = new Workspace();
    const { address } = await servingNode(workspace);
    await workspace.run('backup', '--from', address, '--to', 'backup');
    const before = readFileSync(workspace.path('backup'));
    const home = await freeAddress();
    const restored = await restore(workspace, home);
    expect(restored.errors).toBe('');
    expect(restored.output).toMatch(/^Restored into restored, as the new cluster [0-9a-f]{8}\./m);
    expect(restored.code).toBe(0);
    expect(workspace.list()).toEqual(['a', 'backup', 'restored']);
    expect(readFileSync(workspace.path('backup')).equals(before)).toBe(true);
    const inspected = await workspace.run('inspect', 'restored', '--verify');
    expect(inspected.output).toContain(`members    r at ${home}, voter`);
    expect(inspected.code).toBe(0);

    await startLedgerNode({ id: 'r', dataDir: workspace.path('restored'), peers: { r: home } });
    const ledger = await ledgerAt(home);
    for (let at = 1; at <= 20; at++) expect(await ledger.text(`key-${at}`)).toBe(textOf(at));
    await ledger.set('new', 'key-1', 'new');
    // Ids of the old cluster are free in the new one.
    const joined = await freeAddress();
    const node = await startLedgerNode({
      id: 'a',
      dataDir: workspace.path('joined'),
      peers: { a: joined },
      join: [home],
    });
    await expect.poll(() => node.raft.members.map(({ role }) => role)).toEqual(['voter', 'voter']);
    expect(await (await ledgerAt(joined)).text('key-1')).toBe('new');
    expect(await (await ledgerAt(address)).text('key-1')).toBe(textOf(1));
  }, 60_000);

  test('a client of the old cluster that finds the new one in its place is told that its session ended', async () => {
    const workspace = new Workspace();
    const { address, node } = await servingNode(workspace);
    const old = await connect([address], { connectTimeoutMs: 20_000 });
    onTestFinished(() => old.close());
    const client = LedgerClient.of(old);
    const heard: number[] = [];
    const ended = (await client.onText('key-3', ({ index }) => heard.push(index))).ended;
    await client.add('before', 'counter', 1);
    await workspace.run('backup', '--from', address, '--to', 'backup');
    await client.add('after', 'counter', 1);
    await node.close();
    expect((await restore(workspace, address)).code).toBe(0);
    await startLedgerNode({ id: 'r', dataDir: workspace.path('restored'), peers: { r: address } });
    // The session is in the backup: were it restored, this would be executed, though its place in the order is lost.
    await expect(client.add('late', 'counter', 10)).rejects.toMatchObject({ code: 'SessionExpired' });
    expect(await ended).toMatchObject({ code: 'SessionExpired' });
    const other = await ledgerAt(address);
    expect(await other.count('counter')).toBe(1);
    await other.set('other', 'key-3', 'other');
    expect(heard).toEqual([]);
  }, 60_000);

  test('goes into no directory that holds anything, and changes nothing there', async () => {
    const workspace = new Workspace({ 'used/letter': 'dear' });
    const { address } = await servingNode(workspace);
    await workspace.run('backup', '--from', address, '--to', 'backup');
    const used = stateOf(workspace.path('used'));
    const refused = await restore(workspace, address, 'used');
    expect(refused.errors).toContain('used is not empty');
    expect(refused.code).toBe(1);
    expect(stateOf(workspace.path('used'))).toEqual(used);
    mkdirSync(workspace.path('empty'));
    expect((await restore(workspace, address, 'empty')).code).toBe(0);
    expect((await restore(workspace, address, 'empty')).code).toBe(1);
    expect(workspace.list()).toEqual(['a', 'backup', 'empty', 'used']);
  }, 30_000);

  test('two restores of one backup have nothing in common but the machines', async () => {
    const workspace = new Workspace();
    const { address } = await servingNode(workspace);
    await workspace.run('backup', '--from', address, '--to', 'backup');
    const told = await Promise.all([restore(workspace, address, 'x'), restore(workspace, address, 'y')]);
    const facts = told.map(({ output }) =>
      /new cluster (\w+)\. Its log begins behind entry ([\d,]+)/.exec(output),
    );
    const [clusters, indexes] = [1, 2].map((group) => facts.map((found) => found?.[group]));
    expect(new Set(clusters).size).toBe(2);
    expect(new Set(indexes).size).toBe(2);
    for (const index of indexes ?? []) expect(Number(index?.replaceAll(',', ''))).toBeGreaterThan(1e12);
  }, 30_000);

  test('leaves nothing behind when it is interrupted, while it verifies and while it restores', async () => {
    const workspace = new Workspace();
    const { address } = await servingNode(workspace);
    await workspace.run('backup', '--from', address, '--to', 'backup');
    for (const interruptedAt of ['verifying', 'restoring']) {
      const controller = new AbortController();
      const restoring = restoreBackup({
        file: workspace.path('backup'),
        directory: workspace.path('restored'),
        id: 'r',
        address,
        signal: controller.signal,
        onProgress: ({ step }) => {
          if (step === interruptedAt) controller.abort(new Error(`enough of ${step}`));
        },
      });
      await expect(restoring).rejects.toThrow(`enough of ${interruptedAt}`);
      expect(workspace.list()).toEqual(['a', 'backup']);
    }
  }, 30_000);

  test('refuses a damaged backup, and a file that is none, and leaves nothing behind', async () => {
    const workspace = new Workspace({ letter: 'dear' });
    const { address } = await servingNode(workspace);
    await workspace.run('backup', '--from', address, '--to', 'backup');
    const content = readFileSync(workspace.path('backup'));
    const middle = Math.floor(content.length / 2);
    content[middle] = 255 - (content[middle] ?? 0);
    writeFileSync(workspace.path('backup'), content);
    const damaged = await restore(workspace, address);
    expect(damaged.errors).toMatch(/the checksum of the data does not match; this backup cannot be used/);
    expect(damaged.code).toBe(1);
    const place = ['--to', 'restored', '--id', 'r', '--address', address];
    const foreign = await workspace.run('restore', 'letter', ...place);
    expect(foreign.errors).toContain('letter is no backup');
    const missing = await workspace.run('restore', 'nothing', ...place);
    expect(missing.errors).toContain('nothing does not exist');
    expect(workspace.list()).toEqual(['a', 'backup', 'letter']);
  }, 30_000);

  test('refuses a command that makes no sense', async () => {
    const workspace = new Workspace();
    for (const args of [
      [],
      ['x'],
      ['x', '--to', 'y'],
      ['x', '--to', 'y', '--id', 'a'],
      ['x', 'y'],
      ['--all'],
    ]) {
      const { code, errors } = await workspace.run('restore', ...args);
      expect(errors).toMatch(/^decoraft: restore/);
      expect(code).toBe(2);
    }
  });
});
