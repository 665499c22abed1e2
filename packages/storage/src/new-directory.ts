import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { nodeDisk } from './node-disk.js';
import { StorageError, systemCode } from './storage-error.js';

/** @throws StorageError `InvalidArgument` unless there is no such directory, or an empty one. */
export async function refuseUsedDirectory(directory: string): Promise<void> {
  const names = await namesIn(directory);
  if (names.length === 0) return;
  const message = `${directory} is not empty: give a directory that does not exist yet`;
  throw new StorageError('InvalidArgument', message);
}

/**
 * Makes a directory that is there whole or not at all: `fill` fills one beside it, which then gets its name. Whatever
 * goes wrong, that one is removed.
 *
 * @throws StorageError as {@link refuseUsedDirectory}, `PermissionDenied`, `DiskFailed`; and what `fill` throws.
 */
export async function makeDirectory(
  directory: string,
  fill: (aside: string) => Promise<void>,
): Promise<void> {
  const path = resolve(directory);
  await refuseUsedDirectory(path);
  const aside = `${path}.${process.pid}.partial`;
  try {
    await nodeDisk.createDirectory(aside);
    await fill(aside);
    await nodeDisk.fsyncDirectory(aside);
    // An empty one is in the way of a rename on some systems.
    await rmdir(path).catch(() => undefined);
    await rename(aside, path);
    await nodeDisk.fsyncDirectory(dirname(path));
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    if (systemCode(error) === undefined) throw error;
    throw StorageError.from(error, `${directory} could not be made`);
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw StorageError.from(error, directory);
  }
}
