import { messageOf } from '@decoraft/base';
import { LOCK_FILE_NAME } from '@decoraft/codegen';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from './terminal.js';

/**
 * The lock of what was released.
 *
 * @param against A file, or what git calls a state: `main`, `v1.2.0`, `HEAD~3`.
 * @param places Where files are looked for, and where the lock is.
 * @throws UsageError when there is no such file or state, or it has no lock.
 */
export function readReleasedLock(
  against: string,
  { cwd, directory }: { readonly cwd: string; readonly directory: string },
): string {
  const path = resolve(cwd, against);
  if (existsSync(path) && statSync(path).isFile()) return readFileSync(path, 'utf8');
  return showOf(against, directory);
}

function showOf(reference: string, directory: string): string {
  if (reference === '' || reference.startsWith('-')) {
    throw new UsageError(`--against ${reference}: name a file, or a branch, tag or commit of git`);
  }
  const commit = git(directory, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${reference}^{commit}`,
  ]);
  if (commit === undefined) {
    throw new UsageError(`--against ${reference}: there is no such file, and git knows no such state`);
  }
  const lock = git(directory, ['show', `${commit.trim()}:./${LOCK_FILE_NAME}`]);
  if (lock === undefined) {
    throw new UsageError(
      `--against ${reference}: there is no ${LOCK_FILE_NAME} in it; commit one first, \`decoraft generate\` writes it`,
    );
  }
  return lock;
}

/** What git prints; `undefined` when it says that there is nothing. */
function git(cwd: string, args: readonly string[]): string | undefined {
  const { error, status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw new UsageError(`--against needs git: ${messageOf(error)}`, { cause: error });
  return status === 0 ? stdout : undefined;
}
