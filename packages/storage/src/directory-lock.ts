import { link, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '@decoraft/base';
import type { DirectoryLock } from './disk.js';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.js';
import { StorageError, systemCode } from './storage-error.js';
import type { LockState } from './inspection.js';

/**
 * Node has no file lock that the kernel would drop with its process, so a directory is locked by files: `lock.1`,
 * `lock.2`, … The highest number says who holds it, or that it was released. Whoever finds the holder gone claims the
 * next number, which only one can create; numbers never go back, so a slow rival cannot take away a lock that
 * was taken anew in the meantime.
 */
type LockFile = { readonly state: 'held'; readonly holder: ProcessIdentity } | { readonly state: 'released' };

const NAME = /^lock\.(\d+)$/;
const ASIDE_NAME = /^lock\..*\.tmp$/;
/** Rivals that claim at the same moment send each other round; it never takes more than a few. */
const MAX_ATTEMPTS = 16;

/**
 * Takes the directory for this process until `release`. A lock whose process is gone is taken over.
 *
 * Processes are looked up on this machine: two machines, or two containers that do not share their process numbers,
 * must not share a directory. Rejects with `Unavailable` that names the holder.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const holder = await identifyProcess(process.pid);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const highest = await highestNumber(directory);
    if (highest > 0) await refuseIfHeld(join(directory, `lock.${highest}`));
    if (await claim(directory, highest + 1, { state: 'held', holder })) return lockOf(directory, highest + 1);
  }
  throw new StorageError('Unavailable', `${directory} is being opened by others at this moment; try again`);
}

function lockOf(directory: string, number: number): DirectoryLock {
  return {
    async release() {
      await claim(directory, number + 1, { state: 'released' });
    },
  };
}

async function highestNumber(directory: string): Promise<number> {
  const names = await readdir(directory);
  return Math.max(0, ...names.map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
}

async function refuseIfHeld(path: string): Promise<void> {
  const file = await readLock(path);
  if (file?.state !== 'held' || !(await isRunning(file.holder))) return;
  const { pid } = file.holder;
  const message = pid === process.pid ? `this process (${pid}) already` : `process ${pid}`;
  throw new StorageError(
    'Unavailable',
    `the directory is in use by ${message}, says ${path}; stop it first`,
    {
      data: { pid },
    },
  );
}

/** `undefined` when it was superseded just now. */
async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockFile;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StorageError(
      'Corrupted',
      `${path} cannot be read; remove it if no process uses the directory`,
      {
        cause: error,
      },
    );
  }
}

/** Who holds the directory at this moment. Changes nothing. Rejects with `Corrupted` for a lock that nobody can read. */
export async function lockStateOf(directory: string): Promise<LockState> {
  const highest = await highestNumber(directory);
  if (highest === 0) return { kind: 'never-taken' };
  const file = await readLock(join(directory, `lock.${highest}`));
  if (file?.state !== 'held') return { kind: 'released' };
  const { pid } = file.holder;
  return { kind: (await isRunning(file.holder)) ? 'held' : 'left-behind', pid };
}

/** Creates the file with its whole content at once, unless the number is taken; then the older ones may go. */
async function claim(directory: string, number: number, content: LockFile): Promise<boolean> {
  const aside = join(directory, `lock.${process.pid}-${systemRandom()}.tmp`);
  await writeDurably(aside, JSON.stringify(content));
  try {
    await link(aside, join(directory, `lock.${number}`));
  } catch (error) {
    const code = systemCode(error);
    // ENOENT: a rival that got the directory took our file for a leftover.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    await unlinkIfThere(aside);
  }
  const names = await readdir(directory);
  const numbers = names.map((name) => Number(NAME.exec(name)?.[1] ?? 0)).filter((other) => other > 0);
  if (numbers.some((other) => other > number)) {
    // A slow claim of a number that others had left behind them long ago.
    await unlinkIfThere(join(directory, `lock.${number}`));
    return false;
  }
  for (const other of numbers) if (other < number) await unlinkIfThere(join(directory, `lock.${other}`));
  // Left by processes that were killed between writing and linking; a rival that is alive tries again.
  for (const name of names) if (ASIDE_NAME.test(name)) await unlinkIfThere(join(directory, name));
  return true;
}

/** Flushed, since a machine that loses power might otherwise leave an empty file that names nobody. */
async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
