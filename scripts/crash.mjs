/**
 * `npm run crash -- --rounds 500 [--seed N]`: runs `test/crash.test.ts` for longer than `npm test` does: real processes
 * and disks, killed at random moments under load. Says every ten rounds what was done; the first violation ends it.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { rounds, seed } = parseOrExit();
const env = { ...process.env, DECORAFT_CRASH_ROUNDS: rounds, ...(seed && { DECORAFT_CRASH_SEED: seed }) };
const command = 'npx vitest run --project system test/crash.test.ts';
const { status } = spawnSync(command, { cwd: root, env, shell: true, stdio: 'inherit' });
process.exitCode = status ?? 1;

function parseOrExit() {
  try {
    const { values } = parseArgs({
      options: { rounds: { type: 'string', default: '500' }, seed: { type: 'string' } },
    });
    for (const [name, text] of Object.entries(values)) {
      if (!/^\d{1,10}$/.test(text) || (name === 'rounds' && Number(text) === 0)) {
        throw new Error(`--${name} is a whole number, not '${text}'`);
      }
    }
    return values;
  } catch (error) {
    console.error(`crash: ${error.message}`);
    return process.exit(2);
  }
}
