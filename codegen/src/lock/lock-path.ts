import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { LOCK_FILE_NAME } from './lock.js';

/**
 * Where the lock of a directory is: beside the nearest `package.json` or `tsconfig.json`, in the directory or above it, but not
 * outside of its repository; where there is none, in the directory itself.
 *
 * @param cwd Absolute.
 */
export function lockPathOf(cwd: string): string {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (has(directory, 'package.json') || has(directory, 'tsconfig.json'))
      return join(directory, LOCK_FILE_NAME);
    if (has(directory, '.git') || directory === dirname(directory)) return join(cwd, LOCK_FILE_NAME);
  }
}

function has(directory: string, name: string): boolean {
  return existsSync(join(directory, name));
}
