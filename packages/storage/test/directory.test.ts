import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from '../src/directory-lock.js';
import { durableStorage } from '../src/durable-storage.js';
import { identifyProcess, isRunning } from '../src/process-identity.js';
import { StorageError } from '../src/storage-error.js';
import type { Disk } from '../src/disk.js';
import { RecordingLogger, SEGMENT_BYTES, withLog } from './support/durable.js';
import { batch, NODE_A, trace } from './support/entries.js';
import { SimulatedDisk } from '../src/simulated-disk.js';
import { WriterProcess } from './support/writer-process.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'decoraft-directory-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function heldBy(pid: number, started: string): Promise<void> {
  await writeFile(join(directory, 'lock.5'), JSON.stringify({ state: 'held', holder: { pid, started } }));
}

describe('the lock', () => {
  it('refuses a second process, naming the first, until that is killed', async () => {
    const writer = new WriterProcess(directory, 1);
    try {
      expect(await writer.line()).toBe('open');
      const storage = durableStorage(directory, { segmentBytes: 65_536 });
      await expect(storage.open({ nodeId: NODE_A })).rejects.toMatchObject({
        code: 'Unavailable',
        message: expect.stringContaining(`process ${writer.pid}`) as unknown,
        data: { pid: writer.pid },
      });
      await writer.kill();
      await (await storage.open({ nodeId: NODE_A })).close();
    } finally {
      await writer.kill();
    }
  });

  it('is taken over from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await heldBy(child.pid ?? 0, '');
    await (await lockDirectory(directory)).release();
  });

  it('is taken over from an earlier process whose number was given to another', async () => {
    await heldBy(process.pid, 'another boot/1');
    await (await lockDirectory(directory)).release();
  });

  it('is not taken from this very process', async () => {
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'Unavailable' });
    await lock.release();
    await (await lockDirectory(directory)).release();
  });

  it('of many that find it stale at once, one gets it', async () => {
    for (let round = 0; round < 20; round++) {
      await heldBy(process.pid, 'another boot/1');
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
      const locks = results.filter((result) => result.status === 'fulfilled');
      expect(locks.length).toBe(1);
      await locks[0]?.value.release();
      for (const name of await readdir(directory)) await rm(join(directory, name));
    }
  });

  it('leaves one file behind, however often it was taken', async () => {
    for (let round = 0; round < 5; round++) await (await lockDirectory(directory)).release();
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('leaves no files of claims that were cut short', async () => {
    await writeFile(join(directory, 'lock.1-0.5.tmp'), '');
    await (await lockDirectory(directory)).release();
    expect(await readdir(directory)).toEqual([expect.stringMatching(/^lock\.\d+$/)]);
  });

  it.each(['garbage', ''])('that holds %j is not taken for free', async (content) => {
    await writeFile(join(directory, 'lock.5'), content);
    await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'Corrupted' });
  });

  it('a running process is known from one that is gone', async () => {
    expect(await isRunning(await identifyProcess(process.pid))).toBe(true);
    expect(await isRunning({ pid: process.pid, started: '' })).toBe(true);
    expect(await isRunning({ pid: 2 ** 22 + 1, started: '' })).toBe(false);
  });
});

describe('the directory', () => {
  it('is created with its parents, and only its user can read what is in it', async () => {
    const deep = join(directory, 'a', 'b');
    await (await durableStorage(deep, { segmentBytes: 4_096 }).open({ nodeId: NODE_A })).close();
    expect((await stat(join(deep, 'metadata'))).mode & 0o077).toBe(0);
  });

  it('remembers its cluster from the first time that one is named', async () => {
    const storage = durableStorage(directory, { segmentBytes: 4_096 });
    const log = await storage.open({ nodeId: NODE_A });
    await log.append(batch(1, 1, 1));
    await log.close();
    const again = await storage.open({ nodeId: NODE_A, clusterId: 'first' });
    expect(trace(again)).toBe('1.1');
    await again.close();
    await (await storage.open({ nodeId: NODE_A })).close();
    expect(await readFile(join(directory, 'metadata'), 'utf8')).toContain('"clusterId":"first"');
    await expect(storage.open({ nodeId: NODE_A, clusterId: 'other' })).rejects.toMatchObject({
      code: 'ClusterMismatch',
    });
  });

  it('that is a file is refused by its path', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(durableStorage(file).open({ nodeId: NODE_A })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining(file) as unknown,
    });
  });

  it('without permission is refused by its path', async () => {
    const disk = new SimulatedDisk();
    disk.fault = (operation, path) =>
      operation === 'open'
        ? Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: 'EACCES' })
        : undefined;
    await expect(
      durableStorage('data', { disk: disk.forProcess(), segmentBytes: 4_096 }).open({ nodeId: NODE_A }),
    ).rejects.toMatchObject({
      code: 'PermissionDenied',
      message: expect.stringContaining(
        "data could not be opened: EACCES: permission denied, open 'data/",
      ) as unknown,
    });
  });

  it('a start that was cut short before anything was known starts again', async () => {
    const disk = new SimulatedDisk();
    disk.put('data/0000000000000001.segment', new Uint8Array(8_192));
    const log = await durableStorage('data', { disk: disk.forProcess(), segmentBytes: 4_096 }).open({
      nodeId: NODE_A,
    });
    await log.append(batch(1, 1, 1));
    await log.close();
  });

  it('what an interrupted write left aside is written over', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, (log) => log.append(batch(1, 1, 1)));
    disk.put('data/segment.tmp', new Uint8Array(9_000).fill(7));
    disk.put('data/metadata.tmp', Uint8Array.of(1, 2, 3));
    await withLog(disk, (log) => log.append(batch(2, 9, 1, 2_000)));
    expect(await withLog(disk, (log) => log.lastIndex())).toBe(9);
  });

  it('that cannot even be let go of is refused for its first reason', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, (log) => log.append(batch(1, 1, 1)));
    disk.content('data/metadata')[0] = 0;
    const process = disk.forProcess();
    const logger = new RecordingLogger();
    const stuck: Disk = {
      ...process,
      lock: () => Promise.resolve({ release: () => Promise.reject(new Error('no space is left')) }),
    };
    const storage = durableStorage('data', { disk: stuck, logger, segmentBytes: SEGMENT_BYTES });
    await expect(storage.open({ nodeId: NODE_A })).rejects.toMatchObject({ code: 'Corrupted' });
    expect(logger.told).toMatchObject([
      { level: 'error', message: expect.stringContaining('no space') as unknown },
    ]);
  });

  it('a segment size below the minimum is refused at once', () => {
    expect(() => durableStorage(directory, { segmentBytes: 4_095 })).toThrow(StorageError);
  });
});

it.each([
  ['EACCES', 'PermissionDenied'],
  ['EPERM', 'PermissionDenied'],
  ['EROFS', 'PermissionDenied'],
  ['ENOTDIR', 'InvalidArgument'],
  ['EIO', 'DiskFailed'],
  ['ENOSPC', 'DiskFailed'],
])('the system error %s is told as %s, with its cause', (system, code) => {
  const cause = Object.assign(new Error(`${system}: /data`), { code: system });
  expect(StorageError.from(cause, 'opening')).toMatchObject({ code, cause });
});
