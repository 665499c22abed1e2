import { describe, expect, it } from 'vitest';
import { createDeferred } from '@decoraft/base';
import { statisticsOf } from '../src/storage.js';
import { memoryStorage } from '../src/memory-storage.js';
import { openOn, segmentFile, withLog } from './support/durable.js';
import { batch, hardState, NODE_A, trace } from './support/entries.js';
import { SimulatedDisk } from '../src/simulated-disk.js';

describe('group commit', () => {
  it('appends of one turn share one flush', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      const appends = Array.from({ length: 20 }, (_, at) => log.append(batch(at + 1, at + 1, 1)));
      await Promise.all(appends);
      expect(disk.fdatasyncs.get(segmentFile(1))).toBe(1);
    });
  });

  it('what queues while a flush is under way shares the next one', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      const gate = createDeferred<void>();
      const begun = createDeferred<void>();
      disk.beforeOperation = (operation) => {
        if (operation !== 'fdatasync') return undefined;
        begun.resolve();
        return gate.promise;
      };
      const first = log.append(batch(1, 1, 1));
      await begun.promise;
      const later = Array.from({ length: 50 }, (_, at) => log.append(batch(at + 2, at + 2, 1)));
      expect(log.lastIndex()).toBe(51);
      disk.beforeOperation = undefined;
      gate.resolve();
      await Promise.all([first, ...later]);
      expect(disk.fdatasyncs.get(segmentFile(1))).toBe(2);
      expect(log.statistics()).toMatchObject({
        fdatasyncs: 2,
        appendedEntries: 51,
        appendedBytes: bytesOf(51),
      });
    });
  });

  it('nothing resolves before its flush', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      const gate = createDeferred<void>();
      const begun = createDeferred<void>();
      let resolved = false;
      disk.beforeOperation = (operation) => {
        if (operation !== 'fdatasync') return undefined;
        begun.resolve();
        return gate.promise;
      };
      const append = log.append(batch(1, 1, 1)).then(() => (resolved = true));
      await begun.promise;
      expect(resolved).toBe(false);
      disk.beforeOperation = undefined;
      gate.resolve();
      await append;
    });
  });

  it('what goes along with a flush that was being prepared acknowledges nothing that comes later', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    await log.append(batch(1, 1, 1, 3_000));
    const gate = createDeferred<void>();
    disk.beforeOperation = (operation) => (operation === 'rename' ? gate.promise : undefined);
    // The next segment is being prepared still; the third batch comes while the second waits for it.
    const second = log.append(batch(2, 2, 1, 3_000));
    await new Promise(setImmediate);
    const third = log.append(batch(3, 3, 1, 10));
    gate.resolve();
    await Promise.all([second, third]);
    disk.beforeOperation = (operation) => (operation === 'write' ? new Promise(() => undefined) : undefined);
    const told = await Promise.race([
      log.append(batch(4, 4, 1)).then(() => 'durable'),
      new Promise((resolve) => setImmediate(() => resolve('not yet'))),
    ]);
    expect(told).toBe('not yet');
    disk.beforeOperation = undefined;
    disk.crash();
    expect(await withLog(disk, trace)).toBe('1.1 1.2 1.3');
  });

  it('a commit index alone costs no flush and travels with the next record', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    await log.append({ ...batch(1, 2, 1), hardState: hardState(1, 'a') });
    const flushes = log.statistics().fdatasyncs;
    await log.append({ entries: [], hardState: hardState(1, 'a', 2) });
    expect(log.statistics().fdatasyncs).toBe(flushes);
    expect(log.hardState()).toEqual(hardState(1, 'a', 2));
    await log.append(batch(3, 3, 1));
    disk.crash();
    expect(await withLog(disk, (again) => again.hardState())).toEqual(hardState(1, 'a', 2));
  });

  it.each([
    ['a new term', hardState(1, 'b'), hardState(2, 'b')],
    ['a new vote', hardState(1), hardState(1, 'b')],
  ])('%s alone costs a flush, and is durable with it', async (_, before, after) => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    await log.append({ entries: [], hardState: before });
    const flushes = log.statistics().fdatasyncs;
    await log.append({ entries: [], hardState: after });
    expect(log.statistics().fdatasyncs).toBe(flushes + 1);
    disk.crash();
    expect(await withLog(disk, (again) => again.hardState())).toEqual(after);
  });

  it('only a log that measures has statistics', async () => {
    const inMemory = await memoryStorage().open({ nodeId: NODE_A });
    expect(statisticsOf(inMemory)).toBeUndefined();
    const durable = await openOn(new SimulatedDisk());
    expect(statisticsOf(durable)).toEqual({
      fdatasyncs: 0,
      appendedEntries: 0,
      appendedBytes: 0,
      cachedBytes: 0,
    });
    await durable.close();
  });
});

/** The data of entries 1 to `last` of term 1 is `1.1`, `1.2`, …, `1.51`. */
function bytesOf(last: number): number {
  return Array.from({ length: last }, (_, at) => `1.${at + 1}`).join('').length;
}
