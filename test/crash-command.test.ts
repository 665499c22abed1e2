import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../scripts/crash.mjs', import.meta.url));

it.each([
  [['--rounds', 'many'], "--rounds is a whole number, not 'many'"],
  [['--rounds', '0'], "--rounds is a whole number, not '0'"],
  [['--seed', '1.5'], "--seed is a whole number, not '1.5'"],
  [['--minutes', '5'], '--minutes'],
])('npm run crash refuses %j', (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
