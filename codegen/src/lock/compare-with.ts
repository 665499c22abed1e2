import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path/posix';
import { readCurrentClasses } from '../generate.js';
import { DEFAULT_PATTERNS, type GenerateOptions, type GenerateResult } from '../result.js';
import { compareWithLock } from './compare.js';
import type { Lock } from './lock.js';
import { readLock } from './lock-reader.js';
import { goneFrom } from './plan-lock.js';
import type { Change } from './rules.js';

/** What has changed since a lock was written. */
export interface Comparison extends Pick<GenerateResult, 'problems' | 'warnings'> {
  /** Sorted: what is worst comes first. Empty when there are problems. */
  readonly changes: readonly Change[];
  /** How many classes were compared, and are there now. */
  readonly classCount: number;
}

/**
 * Compares the classes as their sources are now with a lock of another time. The lock that is on disk has no say in it, so one
 * that is stale hides nothing; but the files that either of the two names are read, whatever the patterns are by default.
 *
 * @param text The other lock.
 * @throws LockSyntaxError when that is none.
 */
export function compareWith(
  text: string,
  options: GenerateOptions & { readonly lockPath: string },
): Comparison {
  const lock = readLock(text);
  const { cwd, lockPath, patterns = [] } = options;
  const root = dirname(lockPath);
  const known = [lock, lockOnDisk(lockPath)].flatMap(({ classes }) => classes.map(({ source }) => source));
  const files = known.map((source) => resolve(root, source)).filter((path) => existsSync(path));
  const read = readCurrentClasses({
    ...options,
    cwd,
    patterns: patterns.length > 0 ? patterns : [...DEFAULT_PATTERNS, ...new Set(files)],
  });
  const { classes, problems, sources, warnings } = read;
  const changes = problems.length > 0 ? [] : compareWithLock(lock, classes, goneFrom(lockPath, sources));
  return { problems, warnings, changes, classCount: classes.length };
}

/** Only asked for the names of files: one that cannot be read names none. */
function lockOnDisk(path: string): Lock {
  try {
    return readLock(readFileSync(path, 'utf8'));
  } catch {
    return { classes: [] };
  }
}
