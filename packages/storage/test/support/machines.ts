import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@decoraft/base';
import type { Disk } from '../../src/disk.js';
import { durableStorage } from '../../src/durable-storage.js';
import { nodeDisk } from '../../src/node-disk.js';
import { SimulatedDisk } from '../../src/simulated-disk.js';
import type { MeasuredLogStore } from '../../src/storage.js';
import { SEGMENT_BYTES } from './durable.js';
import { NODE_A } from './entries.js';

/** A directory whose files can be damaged behind the back of the log. */
export interface Machine {
  readonly directory: string;
  readonly disk: Disk;
  /** Without locks, which say nothing of the log. */
  files(): Promise<ReadonlyMap<string, Uint8Array>>;
  put(name: string, content: Uint8Array): Promise<void>;
  delete(name: string): Promise<void>;
  dispose(): Promise<void>;
}

export const MACHINES: readonly (readonly [string, () => Promise<Machine>])[] = [
  ['on a simulated disk', simulatedMachine],
  ['on this machine', realMachine],
];

/** Opens with small segments and a cache that holds nothing: what is read comes from the disk. */
export function openAt(machine: Machine, logger?: Logger, disk = machine.disk): Promise<MeasuredLogStore> {
  const options = { disk, segmentBytes: SEGMENT_BYTES, cacheBytes: 0 };
  return durableStorage(machine.directory, logger ? { ...options, logger } : options).open({
    nodeId: NODE_A,
  });
}

async function simulatedMachine(): Promise<Machine> {
  const disk = new SimulatedDisk();
  const prefix = 'data/';
  return {
    directory: 'data',
    disk: disk.forProcess(),
    files: async () =>
      new Map([...disk.snapshot()].map(([path, content]) => [path.slice(prefix.length), content])),
    put: async (name, content) => disk.put(prefix + name, content),
    delete: async (name) => disk.delete(prefix + name),
    dispose: async () => undefined,
  };
}

export async function realMachine(): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-faults-'));
  return {
    directory,
    disk: nodeDisk,
    async files() {
      const names = (await readdir(directory)).filter((name) => !name.startsWith('lock.')).toSorted();
      const files = new Map<string, Uint8Array>();
      for (const name of names) files.set(name, new Uint8Array(await readFile(join(directory, name))));
      return files;
    },
    put: (name, content) => writeFile(join(directory, name), content),
    delete: (name) => rm(join(directory, name)),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
}
