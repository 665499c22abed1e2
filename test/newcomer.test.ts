import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { packAll } from './support/packages.js';

const execute = promisify(execFile);
const LIMIT_MS = 120_000;

let scratch: string;
let tarballs: readonly string[];
/** Empty, until `decoraft init`. */
let folder: string;
let cluster: ChildProcess | undefined;

/** Runs a command in the newcomer's folder; what it printed. */
async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(command, [...args], { cwd: folder, timeout: LIMIT_MS });
  return stdout;
}

const install = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'decoraft-newcomer-'));
  tarballs = await packAll(scratch);
  folder = join(scratch, 'my-first');
  mkdirSync(folder);
}, LIMIT_MS);

afterAll(() => {
  if (cluster?.pid !== undefined) process.kill(-cluster.pid, 'SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

it('npx decoraft init fills an empty folder, and npm install makes it whole', async () => {
  const packages = tarballs.flatMap((tarball) => ['--package', tarball]);
  const told = await run('npx', '--yes', ...packages, '--', 'decoraft', 'init');
  const commands = told.slice(told.indexOf('Next:')).match(/npm [a-z]+(?: [a-z]+)?(?= )|npm install/g);
  expect(commands).toEqual(['npm install', 'npm test', 'npm start', 'npm run client']);
  // Nothing of this is published: what npm would fetch is given to it.
  await run('npm', 'install', ...install, ...tarballs);
});

it('npm test tries the machine in a simulated world', async () => {
  const told = await run('npm', 'test');
  expect(told).toMatch(/# pass 3\n# fail 0|pass 3\nℹ fail 0/);
});

it('npm run check finds nothing to complain of', async () => {
  expect(await run('npm', 'run', 'check')).toContain('4 files up to date.');
});

it('npm start runs three nodes, npm run client calls them, and Ctrl+C ends them', async () => {
  await chooseFreePorts();
  // A process group of its own, as a terminal gives each command: Ctrl+C reaches all that are in it.
  const started = spawn('npm', ['start'], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  cluster = started;
  let told = '';
  started.stdout.on('data', (chunk: Buffer) => void (told += chunk.toString()));
  started.stderr.on('data', (chunk: Buffer) => void (told += chunk.toString()));
  const exited = new Promise<void>((resolve) => started.once('exit', () => resolve()));
  await until('a leader is elected', () => / is leader/.test(told), LIMIT_MS);
  expect(await run('npm', 'run', '--silent', 'client')).toMatch(/^before: null$/m);
  const again = await run('npm', 'run', '--silent', 'client');
  expect(again).toMatch(/^before: hello at .+$/m);
  expect(again).toMatch(/^pushed: hello at .+$/m);
  expect(again).toMatch(/^now: hello at .+$/m);

  const processes = [...told.matchAll(/process (\d+)/g)].map(([, id]) => Number(id));
  expect(processes).toHaveLength(3);
  process.kill(-started.pid!, 'SIGINT');
  await exited;
  cluster = undefined;
  await until('all nodes are gone', () => processes.every((id) => !isRunning(id)), LIMIT_MS);
});

/** A newcomer has no other cluster on his machine; we may. */
async function chooseFreePorts(): Promise<void> {
  const path = join(folder, 'src/peers.ts');
  let text = readFileSync(path, 'utf8');
  for (const [id, address] of Object.entries(await freePeers())) {
    text = text.replace(new RegExp(`${id}: '[^']+'`), `${id}: '${address}'`);
  }
  writeFileSync(path, text);
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
