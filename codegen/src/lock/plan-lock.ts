import { messageOf } from '@decoraft/base';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path/posix';
import type { ClassModel, NamedClass } from '../model.js';
import type { Finding } from '../problem.js';
import type { GeneratedFile } from '../result.js';
import { currentClass } from './current-class.js';
import { type CurrentClass, type Lock, NO_LOCK } from './lock.js';
import { readLock } from './lock-reader.js';
import { lockText } from './lock-text.js';
import { updateLock } from './update.js';

/** What a run makes of the lock. */
export interface LockPlan {
  readonly files: readonly GeneratedFile[];
  readonly findings: readonly Finding[];
}

/**
 * What the lock should say, and what it says that the classes do not.
 *
 * @param path Of the lock, absolute.
 * @param classes That have passed the checks.
 * @param sources The files that were looked into, absolute.
 */
export function planLock(
  path: string,
  classes: readonly ClassModel[],
  sources: ReadonlySet<string>,
): LockPlan {
  let before: Lock;
  try {
    before = existsSync(path) ? readLock(readFileSync(path, 'utf8')) : NO_LOCK;
  } catch (error) {
    return { files: [], findings: [unreadable(path, error)] };
  }
  const { findings, lock } = updateLock(before, currentClasses(path, classes), goneFrom(path, sources));
  return { files: [{ path, text: lockText(lock) }], findings };
}

/** What the lock at a path would say of classes. */
export function currentClasses(path: string, classes: readonly ClassModel[]): readonly CurrentClass[] {
  const named = classes.filter((model): model is NamedClass => model.name !== undefined);
  return named.map((model) => currentClass(model, relative(dirname(path), model.sourcePath)));
}

/** Whether a file of the lock is one that was looked into, or is there no more. */
export function goneFrom(path: string, sources: ReadonlySet<string>): (source: string) => boolean {
  return (source) => {
    const file = resolve(dirname(path), source);
    return sources.has(file) || !existsSync(file);
  };
}

function unreadable(path: string, error: unknown): Finding {
  return {
    code: 'lock-unreadable',
    position: undefined,
    subject: '',
    message: `${basename(path)} ${messageOf(error)}`,
    remedy:
      'Take it as it was released out of git (after a merge with `git checkout --ours` or `--theirs`), and generate again; a later format takes a later @decoraft/cli.',
  };
}
