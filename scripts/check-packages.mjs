/**
 * Packs every published package as npm would and asks publint and attw whether a user's Node, bundler and compiler
 * will find what its package.json promises.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'decoraft-pack-'));
const directories = ['codegen', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)];

let sound = true;
for (const directory of directories) {
  const { bin, exports, name } = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'));
  const tarball = pack(directory);
  expectSuccess(`publint on ${name}`, `npx publint run ${tarball} --strict`);
  // A package that is only a command has no types for anybody to resolve.
  if (!(bin && !exports?.['.'])) expectSuccess(`attw on ${name}`, `npx attw ${tarball} --profile esm-only`);
}
rmSync(scratch, { recursive: true, force: true });
process.exitCode = sound ? 0 : 1;

function pack(directory) {
  const command = `npm pack --silent --pack-destination ${scratch}`;
  const { stdout } = spawnSync(command, { cwd: join(root, directory), shell: true, encoding: 'utf8' });
  return join(scratch, stdout.trim().split('\n').at(-1));
}

/** Quiet when all is well; everything that the tool said when not. */
function expectSuccess(what, command) {
  const { status, stdout, stderr } = spawnSync(command, { cwd: root, shell: true, encoding: 'utf8' });
  if (status === 0) return;
  sound = false;
  console.log(`${what} failed:\n${stdout}${stderr}`);
}
