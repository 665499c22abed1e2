import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const execute = promisify(execFile);
const source = fileURLToPath(new URL('../packages/decoraft', import.meta.url));
const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };

/** With a project in which `decoraft` is installed, and a folder for programs. */
let scratch: string;
let project: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'decoraft-launcher-'));
  project = join(scratch, 'project');
  const installed = join(project, 'node_modules', 'decoraft');
  mkdirSync(join(installed, 'dist'), { recursive: true });
  for (const path of ['package.json', 'dist/bin.js']) cpSync(join(source, path), join(installed, path));
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs the launcher of the project in a folder: what it printed, and how it ended. */
async function launch(folder: string, ...args: readonly string[]) {
  const bin = join(project, 'node_modules', 'decoraft', 'dist', 'bin.js');
  const env = { ...process.env, PATH: [scratch, process.env['PATH']].join(delimiter) };
  const running = execute(process.execPath, [bin, ...args], { cwd: folder, env });
  const { stdout } = await running.catch((error: unknown) => error as { stdout: string });
  return { stdout, code: running.child.exitCode };
}

function installCli(folder: string, answer: string): void {
  const cli = join(folder, 'node_modules', '@decoraft', 'cli');
  mkdirSync(join(cli, 'dist'), { recursive: true });
  writeFileSync(join(cli, 'package.json'), '{ "name": "@decoraft/cli", "type": "module" }');
  const program = `console.log('${answer}', ...process.argv.slice(2)); process.exitCode = 3;`;
  writeFileSync(join(cli, 'dist', 'main.js'), program);
}

it('without @decoraft/cli, npx fetches it in the same version, is given the arguments, and its exit code counts', async () => {
  const npx = join(scratch, 'npx');
  writeFileSync(npx, `#!/bin/sh\nfor each in "$@"; do echo "[$each]"; done\nexit 7\n`);
  chmodSync(npx, 0o755);
  const { code, stdout } = await launch(project, 'init', 'a folder', '--name', 'x');
  const wanted = ['--yes', '--package', `@decoraft/cli@${version}`, '--', 'decoraft-cli'];
  const given = [...wanted, 'init', 'a folder', '--name', 'x'];
  expect(stdout).toBe(given.map((each) => `[${each}]\n`).join(''));
  expect(code).toBe(7);
});

it('the @decoraft/cli beside it runs where the working directory has none', async () => {
  installCli(project, 'beside');
  expect(await launch(scratch, 'generate', '--check')).toEqual({
    stdout: 'beside generate --check\n',
    code: 3,
  });
});

it("the working directory's @decoraft/cli comes first", async () => {
  installCli(project, 'beside');
  const other = join(scratch, 'other');
  installCli(other, 'of the folder');
  expect(await launch(other, 'check')).toEqual({ stdout: 'of the folder check\n', code: 3 });
});
