import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { durableStorage } from '../src/durable-storage.js';
import { memoryStorage } from '../src/memory-storage.js';
import { logStoreContract } from './log-store-contract.js';
import { SimulatedDisk } from '../src/simulated-disk.js';

const directories: string[] = [];

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

logStoreContract('in memory', memoryStorage);

logStoreContract('durable, on this machine', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-storage-'));
  directories.push(directory);
  return durableStorage(join(directory, 'made', 'here'), { segmentBytes: 65_536 });
});

logStoreContract('durable, on a simulated disk that takes 7 bytes at a time', () => {
  const disk = new SimulatedDisk();
  disk.maxWriteBytes = 7;
  return durableStorage('data', { disk: disk.forProcess(), segmentBytes: 4_096 });
});
