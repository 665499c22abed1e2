import { createDeferred } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { type DiskFault, type DiskOperation, SimulatedDisk, systemError } from '../src/simulated-disk.js';
import { durableStorage } from '../src/durable-storage.js';
import type { MeasuredLogStore } from '../src/storage.js';
import { openOn, RecordingLogger, segmentFile, withLog } from './support/durable.js';
import { at, batch, entries, hardState, NODE_A, trace } from './support/entries.js';
import {
  descriptionOf,
  install,
  metadata,
  piecesOf,
  read,
  receive,
  save,
  snapshot,
  snapshotFile,
  snapshotTrace,
  withoutData,
} from './support/snapshots.js';

const ASIDE = 'data/snapshot.tmp';
const INCOMING = 'data/incoming.tmp';

/** Entries 1 to 6 and a snapshot at 3. */
async function logWithSnapshot(disk: SimulatedDisk): Promise<MeasuredLogStore> {
  const log = await openOn(disk);
  await log.append(batch(1, 6, 1));
  await save(log, snapshot(3, 1));
  return log;
}

function snapshotsOn(disk: SimulatedDisk): readonly string[] {
  return disk.paths.filter((path) => path.endsWith('.snapshot'));
}

/** Holds up one operation; `begun` tells when it has come. */
function holdUp(disk: SimulatedDisk, operation: DiskOperation, path: string) {
  const begun = createDeferred<void>();
  const gate = createDeferred<void>();
  disk.beforeOperation = (asked, on) => {
    if (asked !== operation || on !== path) return undefined;
    begun.resolve();
    return gate.promise;
  };
  return { begun: begun.promise, release: gate.resolve };
}

describe('saving a snapshot', () => {
  it('keeps the newest two', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      await log.append(batch(1, 9, 1));
      for (const index of [2, 4, 5, 8]) await save(log, snapshot(index, 1));
      expect(snapshotsOn(disk)).toEqual([snapshotFile(5, 1), snapshotFile(8, 1)]);
    });
    await withLog(disk, (log) => save(log, snapshot(9, 1)));
    expect(snapshotsOn(disk)).toEqual([snapshotFile(8, 1), snapshotFile(9, 1)]);
  });

  it('keeps as many as it is told to', async () => {
    const disk = new SimulatedDisk();
    const log = await durableStorage('data', { disk: disk.forProcess(), keptSnapshots: 3 }).open({
      nodeId: NODE_A,
    });
    await log.append(batch(1, 9, 1));
    for (const index of [2, 4, 5, 8]) await save(log, snapshot(index, 1));
    await log.close();
    expect(snapshotsOn(disk)).toEqual([snapshotFile(4, 1), snapshotFile(5, 1), snapshotFile(8, 1)]);
    expect(() => durableStorage('data', { keptSnapshots: 0 })).toThrow('keptSnapshots is 0');
  });

  it('asks for the next piece when the one before it is written', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    const written: number[] = [];
    const { data, ...place } = snapshot(6, 1, 5_000);
    const pieces = async function* () {
      for await (const piece of piecesOf(data)) {
        written.push(disk.paths.includes(ASIDE) ? disk.content(ASIDE).length : 0);
        yield piece;
      }
    };
    await log.saveSnapshot(place, pieces());
    const [first = 0, ...others] = written.slice(1);
    expect(others.map((length) => length - first)).toEqual([1_000, 2_000, 3_000]);
    await log.close();
  });

  it('is durable when it resolves: content, name and what it covers', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await openOn(disk);
      void log.append(batch(1, 6, 1));
      await save(log, snapshot(6, 1, 5_000));
      disk.crash();
      expect(await withLog(disk, (again) => read(again))).toEqual(snapshot(6, 1, 5_000));
    }
  });

  it('whose name was not flushed leaves the snapshot before it, or the new one whole', async () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await logWithSnapshot(disk);
      const { begun } = holdUp(disk, 'fsyncDirectory', 'data');
      void save(log, snapshot(5, 1, 2_000)).catch(() => undefined);
      await begun;
      disk.beforeOperation = undefined;
      disk.crash();
      await withLog(disk, async (again) => {
        expect(trace(again)).toBe('1.1 1.2 1.3 1.4 1.5 1.6');
        const found5 = await read(again);
        expect(found5).toEqual(found5?.index === 5 ? snapshot(5, 1, 2_000) : snapshot(3, 1));
        found.add(snapshotTrace(again));
      });
    }
    expect(found).toEqual(new Set(['1.3', '1.5']));
  });

  it('begins when what it covers is durable', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    const { begun, release } = holdUp(disk, 'fdatasync', segmentFile(1));
    const appended = log.append(batch(1, 3, 1));
    const saved = save(log, snapshot(3, 1));
    await begun;
    expect(disk.paths).not.toContain(ASIDE);
    expect(snapshotTrace(log)).toBe('none');
    release();
    await Promise.all([appended, saved]);
    expect(snapshotsOn(disk)).toEqual([snapshotFile(3, 1)]);
    await log.close();
  });

  it('holds up no append', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    const { begun, release } = holdUp(disk, 'fdatasync', ASIDE);
    const saved = save(log, snapshot(6, 1));
    await begun;
    await log.append(batch(7, 7, 1));
    expect(snapshotTrace(log)).toBe('1.3');
    release();
    await saved;
    expect(snapshotTrace(log)).toBe('1.6');
    await log.close();
  });

  it.each<[string, (disk: SimulatedDisk, isFull: boolean) => void]>([
    ['for its bytes', (disk, isFull) => void (disk.full = isFull)],
    [
      'for its name',
      (disk, isFull) =>
        void (disk.fault = isFull
          ? (operation, path) => (operation === 'open' && path === ASIDE ? systemError('ENOSPC') : undefined)
          : undefined),
    ],
    [
      'within its quota',
      (disk, isFull) =>
        void (disk.fault = isFull
          ? (operation, path) => (operation === 'write' && path === ASIDE ? systemError('EDQUOT') : undefined)
          : undefined),
    ],
  ])('without room %s is refused, leaves nothing behind, and the log goes on', async (_, fill) => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    fill(disk, true);
    await expect(save(log, snapshot(6, 1, 2_000))).rejects.toMatchObject({
      code: 'DiskFull',
      cause: { code: expect.stringMatching(/ENOSPC|EDQUOT/) as unknown },
    });
    expect(disk.paths).not.toContain(ASIDE);
    expect(await read(log)).toEqual(snapshot(3, 1));
    await log.append({ ...batch(7, 7, 2), hardState: hardState(2, 'a') });
    fill(disk, false);
    await save(log, snapshot(7, 2));
    await log.close();
    disk.crash();
    expect(await withLog(disk, (again) => read(again))).toEqual(snapshot(7, 2));
  });

  it.each<[string, DiskFault]>([
    ['fdatasync (EIO)', (operation) => (operation === 'fdatasync' ? systemError('EIO') : undefined)],
    ['fdatasync (ENOSPC)', (operation) => (operation === 'fdatasync' ? systemError('ENOSPC') : undefined)],
    [
      'write',
      (operation, path) => (operation === 'write' && path === ASIDE ? systemError('EIO') : undefined),
    ],
    ['rename', (operation) => (operation === 'rename' ? systemError('EIO') : undefined)],
    [
      'fsync of the directory',
      (operation) => (operation === 'fsyncDirectory' ? systemError('EIO') : undefined),
    ],
  ])('a failed %s is final: nothing is asked of the log any more', async (_, fault) => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    disk.fault = fault;
    await expect(save(log, snapshot(6, 1))).rejects.toMatchObject({ code: 'DiskFailed' });
    disk.fault = undefined;
    const { flushes } = disk;
    for (const call of [
      () => log.append(batch(7, 7, 1)),
      () => save(log, snapshot(6, 1)),
      () => read(log),
      () => log.compact(at(3)),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'DiskFailed' });
    }
    await log.close();
    expect(disk.flushes).toBe(flushes);
    disk.crash();
    await withLog(disk, async (again) => {
      expect(trace(again)).toBe('1.1 1.2 1.3 1.4 1.5 1.6');
      expect(await read(again)).toEqual(snapshot(again.snapshot()?.index ?? 0, 1));
    });
  });

  it('does not mind that an old one cannot be removed', async () => {
    const disk = new SimulatedDisk();
    const logger = new RecordingLogger();
    const log = await openOn(disk, logger);
    await log.append(batch(1, 6, 1));
    for (const index of [1, 2]) await save(log, snapshot(index, 1));
    disk.fault = (operation) => (operation === 'remove' ? systemError('EIO') : undefined);
    await save(log, snapshot(3, 1));
    expect(logger.told).toMatchObject([
      { level: 'warn', message: expect.stringContaining('EIO') as unknown },
    ]);
    disk.fault = undefined;
    await save(log, snapshot(4, 1));
    await log.close();
    expect(snapshotsOn(disk)).toEqual([snapshotFile(3, 1), snapshotFile(4, 1)]);
  });

  it('is waited for by close, which lets go of the directory after it', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    const { begun, release } = holdUp(disk, 'fdatasync', ASIDE);
    const saved = save(log, snapshot(6, 1));
    await begun;
    let isClosed = false;
    const closed = log.close().then(() => (isClosed = true));
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    await expect(openOn(disk)).rejects.toMatchObject({ code: 'Unavailable' });
    release();
    await Promise.all([saved, closed]);
    expect(await withLog(disk, snapshotTrace)).toBe('1.6');
  });
});

describe('installing a snapshot', () => {
  const installation = {
    snapshot: snapshot(20, 3, 2_000),
    entries: entries(21, 22, 3),
    hardState: hardState(3, 'b', 20),
  };

  it('that stopped between its file and its record leaves the old log, which can take it again', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    disk.beforeOperation = (operation, path) => {
      if (operation === 'write' && path === segmentFile(1)) disk.crash();
      return undefined;
    };
    await expect(install(log, installation)).rejects.toMatchObject({ code: 'DiskFailed' });
    disk.beforeOperation = undefined;
    expect(disk.paths).toContain(snapshotFile(20, 3));
    await withLog(disk, async (again) => {
      expect(trace(again)).toBe('1.1 1.2 1.3 1.4 1.5 1.6');
      expect(again.hardState()).toEqual(hardState(0, '', 3));
      expect(await read(again)).toEqual(snapshot(3, 1));
      await install(again, installation);
    });
    disk.crash();
    await withLog(disk, async (again) => {
      expect(trace(again)).toBe('3.21 3.22');
      expect(again.hardState()).toEqual(hardState(3, 'b', 20));
      expect(await read(again)).toEqual(installation.snapshot);
    });
  });

  it('removes older snapshots only once its record is durable', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    await save(log, snapshot(5, 1));
    const { begun, release } = holdUp(disk, 'fdatasync', segmentFile(1));
    const installed = install(log, installation);
    await begun;
    const before = [snapshotFile(3, 1), snapshotFile(5, 1), snapshotFile(20, 3)];
    expect(snapshotsOn(disk)).toEqual(before);
    release();
    await installed;
    await log.close();
    expect(snapshotsOn(disk)).toEqual(before.slice(1));
  });

  it.each([
    ['a longer log', snapshot(20, 3)],
    ['another log', snapshot(4, 3)],
  ])('of %s gives back the segments that it replaces, and the log goes on from it', async (_, installed) => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    for (let index = 1; index <= 12; index++) await log.append(batch(index, index, 1, 1_000));
    await save(log, snapshot(3, 1));
    await install(log, { snapshot: installed, entries: [] });
    for (let term = 4; term <= 200; term++)
      await log.append({ entries: [], hardState: hardState(term, 'a') });
    await log.close();
    expect(disk.paths).not.toContain(segmentFile(1));
    expect(disk.paths).not.toContain(segmentFile(3));
    await withLog(disk, (again) => again.append(batch(installed.index + 1, installed.index + 2, 200, 2_000)));
    expect(await withLog(disk, trace)).toBe(`200.${installed.index + 1} 200.${installed.index + 2}`);
  });

  it('is one flush of the log, which shares it with what queued behind', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    const before = log.statistics().fdatasyncs;
    await receive(log, installation.snapshot);
    await Promise.all([
      log.append(withoutData(installation)),
      log.append(batch(23, 23, 3)),
      log.append(batch(24, 24, 3)),
    ]);
    expect(log.statistics().fdatasyncs - before).toBe(1);
    await log.close();
  });

  it('without room for it changes nothing, and can be tried again', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    disk.full = true;
    await expect(install(log, installation)).rejects.toMatchObject({ code: 'DiskFull' });
    disk.full = false;
    expect(disk.paths).not.toContain(INCOMING);
    await log.append(batch(7, 7, 1));
    await install(log, installation);
    await log.close();
    expect(await withLog(disk, trace)).toBe('3.21 3.22');
  });

  it('whose pieces a crash tore apart is found damaged, comes again, and is whole then', async () => {
    let damaged = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await logWithSnapshot(disk);
      const whole = snapshot(20, 3, 10_000);
      const incoming = await log.receiveSnapshot(descriptionOf(whole));
      await incoming.write(whole.data.slice(0, 9_000));
      disk.crash();
      await withLog(disk, async (again) => {
        const left = await again.receiveSnapshot(descriptionOf(whole));
        await left.write(whole.data.slice(left.receivedBytes));
        if (!(await left.finish())) {
          damaged += 1;
          expect(left.receivedBytes).toBe(0);
          await left.write(whole.data);
          expect(await left.finish()).toBe(true);
        }
        await again.append({ snapshot: metadata(20, 3), entries: [] });
        expect(await read(again)).toEqual(whole);
      });
    }
    expect(damaged).toBeGreaterThan(0);
    expect(damaged).toBeLessThan(20);
  });

  it('holds up no own one, and is held up by none', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    const { begun, release } = holdUp(disk, 'fdatasync', ASIDE);
    const saved = save(log, snapshot(6, 1));
    await begun;
    await receive(log, installation.snapshot);
    release();
    await saved;
    await log.append(withoutData(installation));
    expect(snapshotTrace(log)).toBe('3.20');
    await log.close();
  });

  it('is removed when a newer one counts, and nobody goes on sending it', async () => {
    const disk = new SimulatedDisk();
    const log = await logWithSnapshot(disk);
    await (await log.receiveSnapshot(descriptionOf(snapshot(20, 3, 5_000)))).write(new Uint8Array(9));
    await log.close();
    expect(disk.paths).toContain(INCOMING);
    await withLog(disk, (again) => save(again, snapshot(6, 1)));
    expect(disk.paths).not.toContain(INCOMING);
  });
});
