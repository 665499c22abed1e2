import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import type { Disk, DiskFile } from './disk.js';
import { nodeDisk } from './node-disk.js';
import { StorageError } from './storage-error.js';

/**
 * The file system of this machine, to look at only: files are opened so that the system itself refuses to write, and
 * whatever else would change something rejects. Works where this user may not write, and beside a process that does.
 */
export const readOnlyDisk: Disk = {
  list: (directory) => readdir(directory),
  open: (path, mode) => (mode === 'existing' ? openToRead(path) : refuse()),
  openForReading: (path) => nodeDisk.openForReading(path),
  createDirectory: refuse,
  rename: refuse,
  remove: refuse,
  fsyncDirectory: refuse,
  lock: refuse,
};

async function openToRead(path: string): Promise<DiskFile> {
  const handle = await open(path, constants.O_RDONLY);
  return {
    size: async () => (await handle.stat()).size,
    read: async (target, position) => (await handle.read(target, 0, target.length, position)).bytesRead,
    write: refuse,
    fdatasync: refuse,
    close: () => handle.close(),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(new StorageError('PermissionDenied', 'the directory is only looked at'));
}
