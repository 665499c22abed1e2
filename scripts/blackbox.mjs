/**
 * `npm run blackbox -- --minutes 10 [--seed N]`: runs `test/blackbox.test.ts` for longer, and with more clients, than
 * `npm test` does: real processes with a faulty proxy between every two of them, killed and paused every few seconds.
 * Says in the end what was done and what was seen; exits with 1 when anything that is promised did not hold, and keeps
 * disks and histories then.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MOST_MINUTES = 24 * 60;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { minutes, seed } = parseOrExit();
const env = {
  ...process.env,
  DECORAFT_BLACKBOX_MINUTES: minutes,
  ...(seed && { DECORAFT_BLACKBOX_SEED: seed }),
};
const command = 'npx vitest run --project system test/blackbox.test.ts';
const { status } = spawnSync(command, { cwd: root, env, shell: true, stdio: 'inherit' });
process.exitCode = status ?? 1;

function parseOrExit() {
  try {
    const { values } = parseArgs({
      options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
    });
    const wanted = Number(values.minutes);
    if (!(wanted > 0 && wanted <= MOST_MINUTES)) {
      throw new Error(`--minutes is a number up to ${MOST_MINUTES}, not '${values.minutes}'`);
    }
    if (values.seed !== undefined && !/^\d{1,10}$/.test(values.seed)) {
      throw new Error(`--seed is a whole number, not '${values.seed}'`);
    }
    return values;
  } catch (error) {
    console.error(`blackbox: ${error.message}`);
    return process.exit(2);
  }
}
