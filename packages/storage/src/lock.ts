import { join } from 'node:path';
import type { Disk } from './disk.js';
import { StorageError } from './errors.js';
import { codeOf } from './node-disk.js';

const NAME = 'lock';

/** Whether a process with this id exists on this machine. */
export type IsAlive = (pid: number) => boolean;

/**
 * Takes a directory for this process. A lock whose process is gone, as `kill -9` leaves it, is taken over.
 *
 * @returns What lets go of it.
 * @throws StorageError `InvalidArgument` that names the process that holds it.
 */
export async function lockDirectory(
  disk: Disk,
  directory: string,
  { isAlive, pid }: { readonly pid: number; readonly isAlive: IsAlive },
): Promise<() => Promise<void>> {
  const path = join(directory, NAME);
  for (;;) {
    try {
      await disk.claim(path, String(pid));
      return () => disk.remove(path);
    } catch (thrown) {
      if (codeOf(thrown) !== 'EEXIST') throw thrown;
    }
    const holder = Number(new TextDecoder().decode(await disk.read(path)));
    // A process that was started again after a crash may have been given its old id.
    if (holder > 0 && holder !== pid && isAlive(holder)) {
      throw new StorageError(
        'InvalidArgument',
        `${directory} is in use by process ${holder}: one log, one process`,
      );
    }
    await disk.remove(path);
  }
}

/** Asks this machine. A process that may not be signalled is alive all the same. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM';
  }
}
