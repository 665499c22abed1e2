import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packAll, versionOf } from './support/packages.js';
import { readmeFiles } from './support/readme.js';

const execute = promisify(execFile);

let folder: string;
const nodes: ChildProcess[] = [];

/** Runs a command in the user's folder; what it printed. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(command, args, { cwd: folder, timeout: 120_000 });
  return stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'decoraft-packed-'));
  const tarballs = await packAll(folder);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'newcomer', private: true, type: 'module' }),
  );
  await run(
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...tarballs,
    `tsx@${versionOf('tsx')}`,
  );
  for (const [name, text] of readmeFiles()) writeFileSync(join(folder, name), text);
}, 240_000);

afterAll(() => {
  for (const node of nodes) node.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('the generator runs from its package and writes what the README says', async () => {
  await run('npx', 'decoraft', 'generate');
  expect(readdirSync(join(folder, 'generated')).toSorted()).toEqual([
    'counter.client.ts',
    'counter.operations.ts',
    'greeter.client.ts',
    'greeter.operations.ts',
    'leases.client.ts',
    'leases.operations.ts',
    'operations.ts',
  ]);
  await run('npx', 'decoraft', 'generate', '--check');
});

it('the first machine counts, and goes on where it was', async () => {
  for (const value of [1, 2]) {
    const told = [`add returned ${value}`, `changed to ${value}`, `current is ${value}`];
    // Of an answer and an event, either may come first.
    expect((await run('npx', 'tsx', 'main.ts')).trim().split('\n').toSorted()).toEqual(told);
  }
});

it('a lease expires by itself', async () => {
  expect(await run('npx', 'tsx', 'leases.ts')).toBe(
    "Grace gets it: false\nAda renews it: true\nAda's lease has expired\nGrace gets it: true\n",
  );
});

it('a map and a counter need no machine of one’s own', async () => {
  expect(await run('npx', 'tsx', 'collections.ts')).toMatch(
    /^set online\/ada\nremoved online\/ada\nuser\/ada Ada Lovelace\nvisits \d+\n$/,
  );
});

it('one port serves several groups, one of which comes at run time', async () => {
  expect(await run('npx', 'tsx', 'groups.ts')).toBe('stock: 7\nreturned: 1\nmain, orders, returns\n');
});

it('a key belongs to one of three groups', async () => {
  expect(await run('npx', 'tsx', 'shards.ts')).toBe(
    'printer: Ada\ngroups that hold it: 1\nwith a fourth group moves: 0.25\n',
  );
});

it('members join and leave, and the group that they are in changes its leader', async () => {
  expect(await run('npx', 'tsx', 'who-is-there.ts')).toBe("ada leads\nbob leads\n[ 'bob true' ]\n");
});

it('three nodes agree, push and answer', async () => {
  for (const id of ['a', 'b', 'c']) {
    nodes.push(spawn(process.execPath, ['--import', 'tsx', 'node.ts', id], { cwd: folder, stdio: 'ignore' }));
  }
  expect(await run('npx', 'tsx', 'client.ts')).toBe('pushed 5\nread 5\nleader true\n');
});

it('a connection says how it is, tells its calls, and is drained', async () => {
  expect(await run('npx', 'tsx', 'connection.ts')).toBe(
    'status connected\ncalls visits onChanged\ncalls visits add\nstatus draining\nstatus closed\n',
  );
});

it('a fourth node joins, gets its vote, and leaves', async () => {
  expect(await run('npx', 'tsx', 'fourth.ts')).toBe('a voter, b voter, c voter, d voter\n');
});

it('a machine is tried in a simulated world, the same way every time', async () => {
  const first = await run('npx', 'tsx', 'simulation.ts', '7');
  expect(first).toMatch(/^seed 7: \d+ events, trace [0-9a-f]+\n$/);
  expect(await run('npx', 'tsx', 'simulation.ts', '7')).toBe(first);
});

it('the long way is made of the parts that the short way uses', async () => {
  expect(await run('npx', 'tsx', 'long-way.ts')).toBe('hello Ada\nUnimplemented\n');
});

it('a service is called, streams, and says that it is serving', async () => {
  expect(await run('npx', 'tsx', 'services.ts')).toBe('hello Ada of acme\n[ 1, 2, 3 ]\n42\nserving\n');
});

it('neither a server nor a browser installs the generator’s compiler', () => {
  const wants = (name: string): readonly string[] => {
    const path = join(folder, 'node_modules', name, 'package.json');
    if (!existsSync(path)) return [name];
    const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    return [name, ...Object.keys(dependencies).flatMap(wants)];
  };
  expect(wants('decoraft')).not.toContain('ts-morph');
  expect(wants('@decoraft/cli')).toContain('ts-morph');
});
