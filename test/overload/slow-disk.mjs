/** The machine's disk, every flush of which takes so much longer: what it serves then does not depend on the machine. */
import { setTimeout as pause } from 'node:timers/promises';
import { nodeDisk } from '@decoraft/storage';

/** @param {number} flushMs */
export function slowDisk(flushMs) {
  return { ...nodeDisk, open: async (path, mode) => slowFile(await nodeDisk.open(path, mode), flushMs) };
}

function slowFile(file, flushMs) {
  return {
    size: () => file.size(),
    read: (target, position) => file.read(target, position),
    write: (bytes, position) => file.write(bytes, position),
    fdatasync: async () => {
      await file.fdatasync();
      await pause(flushMs);
    },
    close: () => file.close(),
  };
}
