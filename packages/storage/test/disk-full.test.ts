import { VirtualClock } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { durableStorage } from '../src/durable-storage.js';
import { SimulatedDisk, systemError } from '../src/simulated-disk.js';
import type { MeasuredLogStore } from '../src/storage.js';
import { RecordingLogger, SEGMENT_BYTES, withLog } from './support/durable.js';
import { batch, NODE_A, trace } from './support/entries.js';

interface Opened {
  readonly disk: SimulatedDisk;
  readonly clock: VirtualClock;
  readonly logger: RecordingLogger;
  readonly log: MeasuredLogStore;
  readonly told: boolean[];
}

async function opened(): Promise<Opened> {
  const [disk, clock, logger] = [new SimulatedDisk(), new VirtualClock(), new RecordingLogger()];
  const told: boolean[] = [];
  const options = { disk: disk.forProcess(), segmentBytes: SEGMENT_BYTES, clock, logger };
  const log = await durableStorage('data', options).open({
    nodeId: NODE_A,
    onDiskFull: (isFull) => told.push(isFull),
  });
  return { disk, clock, logger, log, told };
}

/** Everything that does not wait for time happens. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

describe('ENOSPC: a log that has no room on its disk', () => {
  it('acknowledges nothing, tells so, and goes on by itself when there is room again', async () => {
    const { clock, disk, log, logger, told } = await opened();
    disk.full = true;
    await log.append(batch(1, 1, 1, 2_000));
    await log.append(batch(2, 2, 1, 1_000));
    await settled();
    // There was room for these, since segments are made before they are needed; for what follows there is none.
    expect(told).toEqual([true]);
    let acknowledged = 0;
    const appends = [3, 4, 5].map((index) =>
      log.append(batch(index, index, 1, 1_500)).then(() => acknowledged++),
    );
    for (let second = 0; second < 10; second++) {
      await settled();
      clock.advance(1_000);
    }
    expect(acknowledged).toBe(0);
    expect(disk.paths).not.toContain('data/segment.tmp');
    disk.full = false;
    clock.advance(1_000);
    await Promise.all(appends);
    expect(told).toEqual([true, false]);
    expect(logger.told.map(({ level }) => level)).toEqual(['warn', 'warn']);
    await log.close();
    expect(await withLog(disk, trace)).toBe('1.1 1.2 1.3 1.4 1.5');
  });

  it('loses nothing that was acknowledged, and invents nothing, when it is killed or loses power while it waits', async () => {
    for (const stop of ['kill', 'crash'] as const) {
      const { disk, log } = await opened();
      disk.full = true;
      await log.append(batch(1, 1, 1, 3_000));
      void log.append(batch(2, 2, 1, 3_000)).catch(() => undefined);
      await settled();
      disk[stop]();
      // A start needs no room.
      expect(await withLog(disk, trace)).toBe('1.1');
      disk.full = false;
      expect(await withLog(disk, trace)).toBe('1.1');
    }
  });

  it('can be closed: what waited is refused, and was not written', async () => {
    const { disk, log } = await opened();
    disk.full = true;
    await log.append(batch(1, 1, 1, 3_000));
    const waiting = expect(log.append(batch(2, 2, 1, 3_000))).rejects.toMatchObject({ code: 'DiskFailed' });
    await settled();
    await log.close();
    await waiting;
    disk.full = false;
    expect(await withLog(disk, trace)).toBe('1.1');
  });

  it('waits for room to make a segment larger, too', async () => {
    const { clock, disk, log } = await opened();
    await log.append(batch(1, 1, 1, 100));
    await settled();
    disk.full = true;
    const large = log.append(batch(2, 2, 1, 3 * SEGMENT_BYTES));
    await settled();
    clock.advance(1_000);
    await settled();
    disk.full = false;
    clock.advance(1_000);
    await large;
    await log.close();
    expect(await withLog(disk, trace)).toBe('1.1 1.2');
  });

  it('ends when a flush says so: what is on the disk is unknown then', async () => {
    const { disk, log } = await opened();
    disk.fault = (operation, path) =>
      operation === 'fdatasync' && path.endsWith('segment.tmp') ? systemError('ENOSPC') : undefined;
    await log.append(batch(1, 1, 1, 3_000));
    await expect(log.append(batch(2, 2, 1, 3_000))).rejects.toMatchObject({ code: 'DiskFailed' });
    await log.close();
  });
});
