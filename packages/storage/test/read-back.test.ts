import { crc32 } from 'node:zlib';
import { createDeferred, seededRandom } from '@decoraft/base';
import type { Entry } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { SimulatedDisk, systemError } from '../src/simulated-disk.js';
import { openOn, RecordingLogger, segmentFile } from './support/durable.js';
import { at, batch, entries } from './support/entries.js';
import { readsOf } from './support/reads.js';

const CACHE = { cacheBytes: 4_000 };

describe('entries that are not in memory', () => {
  it('are never more than the limit and what waits to be durable, however long the log is', async () => {
    const log = await openOn(new SimulatedDisk(), undefined, { cacheBytes: 20_000, segmentBytes: 65_536 });
    for (let index = 1; index <= 2_000; index += 10) {
      const appended = log.append(batch(index, index + 9, 1, 500));
      expect(log.statistics().cachedBytes).toBeLessThan(20_000 + 10 * 1_000);
      await appended;
      expect(log.statistics().cachedBytes).toBeLessThanOrEqual(20_000);
    }
    expect(inWords(log.entries(at(1), at(2_001), Infinity))).toBe(inWords(entries(1, 2_000, 1, 500)));
    expect(log.statistics().cachedBytes).toBeLessThanOrEqual(20_000);
    await log.close();
  });

  it('stay in memory as long as they are not durable, whatever the limit', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk, undefined, { cacheBytes: 0 });
    const appended = [log.append(batch(1, 5, 1, 500)), log.append(batch(3, 9, 2, 500))];
    expect(log.entries(at(1), at(10), Infinity)).toEqual([
      ...entries(1, 2, 1, 500),
      ...entries(3, 9, 2, 500),
    ]);
    await Promise.all(appended);
    expect(log.statistics().cachedBytes).toBe(0);
    expect(log.entries(at(1), at(10), Infinity)).toEqual([
      ...entries(1, 2, 1, 500),
      ...entries(3, 9, 2, 500),
    ]);
    await log.close();
  });

  it('stay in memory when they were replaced and only what they replaced is durable', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk, undefined, { cacheBytes: 0 });
    const [first, second] = [createDeferred<void>(), createDeferred<void>()];
    const gates = [first.promise, second.promise];
    disk.beforeOperation = (operation) => (operation === 'fdatasync' ? gates.shift() : undefined);
    const before = log.append(batch(1, 5, 1));
    await new Promise(setImmediate);
    const replacing = log.append(batch(4, 6, 2));
    first.resolve();
    await before;
    expect(log.entries(at(1), at(7), Infinity)).toEqual([...entries(1, 3, 1), ...entries(4, 6, 2)]);
    second.resolve();
    await replacing;
    expect(log.entries(at(1), at(7), Infinity)).toEqual([...entries(1, 3, 1), ...entries(4, 6, 2)]);
    await log.close();
  });

  it('are within the limit of bytes as those in memory are, at every boundary', async () => {
    const log = await openOn(new SimulatedDisk(), undefined, CACHE);
    for (let index = 1; index <= 60; index++) await log.append(batch(index, index, 1, 10 * (index % 7)));
    const all = log.entries(at(1), at(61), Infinity);
    for (let from = 1; from <= 60; from++) {
      for (const limit of [0, 10, 59, 60, 200, 1_000, 2_000]) {
        expect(log.entries(at(from), at(61), limit)).toEqual(prefixOf(all.slice(from - 1), limit));
      }
    }
    await log.close();
  });

  it('are those that were written last, wherever they were replaced', async () => {
    const random = seededRandom(11);
    for (let run = 0; run < 20; run++) {
      const sizes = { cacheBytes: 3_000, segmentBytes: 200_000 };
      const disk = new SimulatedDisk(run);
      let log = await openOn(disk, undefined, sizes);
      let expected: Entry[] = [];
      for (let term = 1; term <= 60; term++) {
        const back = random() < 0.3 ? Math.floor(random() * 30) : 0;
        const first = Math.max(1, expected.length + 1 - back);
        const made = entries(first, first + Math.floor(random() * 8), term, Math.floor(random() * 6_000));
        expected = [...expected.slice(0, first - 1), ...made];
        const appended = log.append({ entries: made });
        if (random() < 0.5) await appended;
        const from = 1 + Math.floor(random() * expected.length);
        const read = log.entries(at(from), at(expected.length + 1), 20_000);
        expect(inWords(read)).toBe(inWords(prefixOf(expected.slice(from - 1), 20_000)));
        if (random() < 0.1) {
          await log.close();
          log = await openOn(disk, undefined, sizes);
        }
      }
      expect(inWords(log.entries(at(1), at(expected.length + 1), Infinity))).toBe(inWords(expected));
      await log.close();
    }
  });

  it('cost little more reading than they are large, wherever they are', async () => {
    const reads = readsOf(new SimulatedDisk());
    const log = await openOn(reads.disk, undefined, { cacheBytes: 0, segmentBytes: 4 << 20 });
    for (let index = 1; index <= 3_000; index++) await log.append(batch(index, index, 1, 1_000));
    for (let from = 1; from < 3_000; from += 170) {
      reads.reset();
      expect(log.entries(at(from), at(3_001), 1)).toEqual(entries(from, from, 1, 1_000));
      expect(reads.bytesOf(segmentFile(1))).toBeLessThanOrEqual(128 << 10);
    }
    await log.close();
  });
});

describe('damage that is found when entries are read', () => {
  it.each([
    ['bit flipped', (disk: SimulatedDisk): void => disk.flipBit(segmentFile(2), 1_000, 3)],
    ['segment missing', (disk: SimulatedDisk): void => disk.delete(segmentFile(2))],
    [
      'segment swapped',
      (disk: SimulatedDisk): void => disk.put(segmentFile(2), disk.content(segmentFile(3)).slice()),
    ],
    [
      'segment cut short',
      (disk: SimulatedDisk): void => disk.put(segmentFile(2), disk.content(segmentFile(2)).slice(0, 900)),
    ],
  ])('%s: ends the log loudly, and nothing is changed on the disk', async (_, damage) => {
    const disk = new SimulatedDisk();
    const logger = new RecordingLogger();
    const log = await openOn(disk, logger, CACHE);
    for (let index = 1; index <= 40; index++) await log.append(batch(index, index, 1, 500));
    damage(disk);
    const before = disk.snapshot();
    const file = segmentFile(2);
    expect(errorOf(() => log.entries(at(1), at(41), Infinity))).toMatchObject({
      code: 'Corrupted',
      data: { file },
    });
    await expect(log.append(batch(41, 41, 1))).rejects.toMatchObject({ code: 'Corrupted' });
    await expect(log.readSnapshot()).rejects.toMatchObject({ code: 'Corrupted' });
    expect(logger.told.filter(({ level }) => level === 'error')).toHaveLength(1);
    await log.close();
    expect(disk.snapshot()).toEqual(before);
  });

  it('a sector that cannot be read is final, too', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk, undefined, CACHE);
    for (let index = 1; index <= 40; index++) await log.append(batch(index, index, 1, 500));
    disk.fault = (operation) => (operation === 'read' ? systemError('EIO') : undefined);
    expect(errorOf(() => log.entries(at(1), at(2), 1))).toMatchObject({
      code: 'DiskFailed',
      cause: { code: 'EIO' },
    });
    disk.fault = undefined;
    await expect(log.append(batch(41, 41, 1))).rejects.toMatchObject({ code: 'DiskFailed' });
    await log.close();
  });
});

/** Term, index, length and checksum of every entry: much faster to compare than the bytes. */
function inWords(all: readonly Entry[]): string {
  return all.map(({ data, index, term }) => `${term}.${index}:${data.length}:${crc32(data)}`).join(' ');
}

function errorOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

function prefixOf(all: readonly Entry[], limit: number): readonly Entry[] {
  let bytes = 0;
  const end = all.findIndex(({ data }, place) => (bytes += data.length) > limit && place > 0);
  return end === -1 ? all : all.slice(0, end);
}
