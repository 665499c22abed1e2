import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../scripts/blackbox.mjs', import.meta.url));

it.each([
  [['--minutes', 'many'], "--minutes is a number up to 1440, not 'many'"],
  [['--minutes', '0'], "--minutes is a number up to 1440, not '0'"],
  [['--seed', '1.5'], "--seed is a whole number, not '1.5'"],
  [['--rounds', '5'], '--rounds'],
])('npm run blackbox refuses %j', (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
