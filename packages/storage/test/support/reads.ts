import type { Disk } from '../../src/disk.js';
import type { SimulatedDisk } from '../../src/simulated-disk.js';

/** A disk that counts what is read of each file. */
export interface CountedReads {
  readonly disk: SimulatedDisk;
  bytesOf(path: string): number;
  reset(): void;
}

/** Counts what the processes read that are given `disk` from now on. */
export function readsOf(disk: SimulatedDisk): CountedReads {
  const counts = new Map<string, number>();
  const count = (path: string, bytes: number): number => {
    counts.set(path, (counts.get(path) ?? 0) + bytes);
    return bytes;
  };
  const forProcess = disk.forProcess.bind(disk);
  disk.forProcess = (): Disk => {
    const process = forProcess();
    return {
      ...process,
      async open(path, mode) {
        const file = await process.open(path, mode);
        const read = async (target: Uint8Array, position: number): Promise<number> =>
          count(path, await file.read(target, position));
        return { ...file, read };
      },
      openForReading(path) {
        const file = process.openForReading(path);
        return { ...file, read: (target, position) => count(path, file.read(target, position)) };
      },
    };
  };
  return { disk, bytesOf: (path) => counts.get(path) ?? 0, reset: () => counts.clear() };
}
