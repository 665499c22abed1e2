import { describe, expect, it } from 'vitest';
import { openOn, RecordingLogger, withLog } from './support/durable.js';
import { batch, trace } from './support/entries.js';
import { SimulatedDisk, systemError } from '../src/simulated-disk.js';

describe('a failed disk', () => {
  it.each([
    { operation: 'fdatasync', code: 'EIO' },
    { operation: 'write', code: 'EIO' },
    { operation: 'write', code: 'ENOSPC' },
  ])('a failed $operation ($code) is final: that append and all later ones are refused', async (fault) => {
    const disk = new SimulatedDisk();
    const logger = new RecordingLogger();
    const log = await openOn(disk, logger);
    await log.append(batch(1, 1, 1));
    disk.fault = (operation) => (operation === fault.operation ? systemError(fault.code) : undefined);
    const failed = log.append(batch(2, 2, 1));
    const behind = log.append(batch(3, 3, 1));
    await expect(failed).rejects.toMatchObject({
      code: 'DiskFailed',
      cause: { code: fault.code },
      message: expect.stringContaining(fault.code) as unknown,
    });
    await expect(behind).rejects.toMatchObject({ code: 'DiskFailed' });
    disk.fault = undefined;
    const flushes = disk.flushes;
    await expect(log.append(batch(4, 4, 1))).rejects.toMatchObject({ code: 'DiskFailed' });
    expect(trace(log)).toBe('1.1 1.2 1.3');
    expect(logger.told.filter(({ level }) => level === 'error')).not.toEqual([]);
    await log.close();
    expect(disk.flushes).toBe(flushes);
  });

  it('after a failed flush the next open writes the last record again, whatever the cache says', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    await log.append(batch(1, 1, 1));
    disk.fault = (operation) => (operation === 'fdatasync' ? systemError('EIO') : undefined);
    await expect(log.append(batch(2, 2, 1))).rejects.toMatchObject({ code: 'DiskFailed' });
    await log.close();
    disk.fault = undefined;
    disk.kill();
    disk.forgetUnflushed();
    const seen = await withLog(disk, trace);
    disk.crash();
    expect(await withLog(disk, trace)).toBe(seen);
  });

  it('a segment that cannot be prepared stops the log when it is needed, not before', async () => {
    const disk = new SimulatedDisk();
    const logger = new RecordingLogger();
    const log = await openOn(disk, logger);
    disk.fault = (operation, path) =>
      operation === 'write' && path.endsWith('segment.tmp') ? systemError('EIO') : undefined;
    await log.append(batch(1, 1, 1, 2_000));
    await log.append(batch(2, 2, 1, 1_000));
    await expect(log.append(batch(3, 3, 1, 2_000))).rejects.toMatchObject({
      code: 'DiskFailed',
      cause: { code: 'EIO' },
    });
    expect(logger.told[0]?.message).toContain('EIO');
    await log.close();
    disk.fault = undefined;
    disk.kill();
    expect(await withLog(disk, trace)).toBe('1.1 1.2');
  });

  it('a disk that takes nothing is a failure, not an endless loop', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    disk.maxWriteBytes = 0;
    await expect(log.append(batch(1, 1, 1))).rejects.toMatchObject({ code: 'DiskFailed' });
    await log.close();
  });

  it('a failure to open lets go of the directory', async () => {
    const disk = new SimulatedDisk();
    disk.fault = () => systemError('EROFS');
    await expect(openOn(disk)).rejects.toMatchObject({ code: 'PermissionDenied' });
    disk.fault = undefined;
    await (await openOn(disk)).close();
  });
});
