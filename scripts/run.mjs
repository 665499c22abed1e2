/**
 * What `npm run demo`, `npm test`, `npm run bench`, `npm run soak`, `npm run crash` and `npm run blackbox` call: installs
 * what is missing, builds, and goes on. Plain JavaScript without a dependency, because on a fresh machine nothing else is there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const verbs = {
  demo: ['node examples/key-value/dist/demo.js'],
  test: ['node scripts/test.mjs'],
  bench: ['npx tsx bench/main.ts'],
  soak: ['node scripts/soak.mjs'],
  crash: ['node scripts/crash.mjs'],
  blackbox: ['node scripts/blackbox.mjs'],
};

const [verb = '', ...rest] = process.argv.slice(2);
const commands = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
if (!commands) {
  console.error(`scripts/run.mjs: ${verb || 'nothing'} is none of ${Object.keys(verbs).join(', ')}`);
  process.exit(2);
}

// Not `npm ci`: it refuses a lock file that lacks the binaries of platforms which nobody here has.
if (!isInstalled()) run('npm install --no-save --no-audit --no-fund --loglevel=error');
run('npm run --silent build');
for (const command of commands) run([command, ...rest].join(' '));

/** npm writes its hidden lock file last: it is there, and not older than ours, when the install was whole. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

function run(command) {
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
