import { createDeferred } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import { decodeSegmentHeader, encodeSegmentHeader } from '../src/segment-header.js';
import { openOn, refusalOf, SALT, segmentFile, SEGMENT_BYTES, withLog } from './support/durable.js';
import { allEntries, batch, entries, entry, hardState, trace } from './support/entries.js';
import { SimulatedDisk } from '../src/simulated-disk.js';

/** A log of 40 entries of 500 bytes, one record each, over several segments. */
async function severalSegments(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  await withLog(disk, async (log) => {
    for (let index = 1; index <= 40; index++) await log.append(batch(index, index, 1, 500));
  });
  return disk;
}

function segmentsOf(disk: SimulatedDisk): readonly number[] {
  return disk.paths
    .filter((path) => path.endsWith('.segment'))
    .map((path) => Number.parseInt(path.slice(5), 10));
}

function flipByteIn(disk: SimulatedDisk, sequence: number, byte: number): void {
  const content = disk.content(segmentFile(sequence));
  content[byte] = (content[byte] ?? 0) ^ 0x40;
}

describe('rolling over', () => {
  it('a log goes over several segments of one size and is read back from them', async () => {
    const disk = await severalSegments();
    expect(segmentsOf(disk).length).toBeGreaterThan(5);
    for (const sequence of segmentsOf(disk))
      expect(disk.content(segmentFile(sequence)).length).toBe(SEGMENT_BYTES);
    expect(await withLog(disk, allEntries)).toEqual(entries(1, 40, 1, 500));
  });

  it('prepares the next segment while the last one is in use', async () => {
    const disk = await severalSegments();
    const last = segmentsOf(disk).at(-1) ?? 0;
    expect(disk.content(segmentFile(last)).every((byte) => byte === 0)).toBe(true);
    expect(disk.content(segmentFile(last - 1)).some((byte) => byte !== 0)).toBe(true);
  });

  it('an entry that is larger than a segment gets one of its own', async () => {
    const disk = new SimulatedDisk();
    const huge = entry(2, 1, new Uint8Array(5 * SEGMENT_BYTES).fill(7));
    await withLog(disk, async (log) => {
      await log.append(batch(1, 1, 1));
      await log.append({ entries: [huge] });
      await log.append(batch(3, 3, 1));
    });
    await withLog(disk, async (log) => {
      expect(log.entries(huge.index, log.lastIndex(), 1)).toEqual([huge]);
      await log.append(batch(4, 4, 1));
    });
    expect(await withLog(disk, trace)).toBe('1.1 1.2 1.3 1.4');
  });

  it('records of any size follow one another', async () => {
    const disk = new SimulatedDisk();
    const sizes = [1, 100_000, 10, 9_000_000, 1, 70_000, 9_000_001, 20_000, 3];
    const batches = sizes.map((bytes, at) => batch(at + 1, at + 1, 1, bytes));
    await withLog(disk, async (log) => {
      for (const one of batches) await log.append(one);
    });
    const found = await withLog(disk, allEntries);
    expect(found.map(({ data }) => data.length)).toEqual(sizes);
    expect(found.every(({ data, index }) => data.every((byte) => byte === index + 1))).toBe(true);
  });

  it('the first batch of all may be larger than a segment', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, (log) => log.append(batch(1, 3, 1, SEGMENT_BYTES)));
    expect(await withLog(disk, allEntries)).toEqual(entries(1, 3, 1, SEGMENT_BYTES));
  });

  it('a hard state written long ago is still known', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      await log.append({ entries: [], hardState: hardState(5, 'b') });
      for (let index = 1; index <= 30; index++) await log.append(batch(index, index, 5, 500));
    });
    expect(await withLog(disk, (log) => log.hardState())).toEqual(hardState(5, 'b'));
  });

  it('a commit on the way over is one write and one flush of the new segment', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    await log.append(batch(1, 1, 1, 3_000));
    const before = log.statistics().fdatasyncs;
    await log.append(batch(2, 2, 1, 3_000));
    expect(log.statistics().fdatasyncs - before).toBe(1);
    expect(disk.fdatasyncs.get(segmentFile(1))).toBe(1);
    await log.close();
  });
});

describe('recycling', () => {
  it('segments whose entries were all replaced are used again, and what they held never comes back', async () => {
    const disk = await severalSegments();
    const before = segmentsOf(disk).length;
    await withLog(disk, async (log) => {
      for (let index = 1; index <= 60; index++) await log.append(batch(index, index, 2, 500));
    });
    const after = segmentsOf(disk);
    expect(after[0]).toBeGreaterThan(before - 2);
    expect(await withLog(disk, allEntries)).toEqual(entries(1, 60, 2, 500));
  });

  it('holds through any number of rounds, with few files', async () => {
    const disk = new SimulatedDisk();
    for (let round = 1; round <= 6; round++) {
      await withLog(disk, async (log) => {
        for (let index = 1; index <= 20; index++) await log.append(batch(index, index, round, 700));
      });
      expect(await withLog(disk, allEntries)).toEqual(entries(1, 20, round, 700));
    }
    expect(segmentsOf(disk).length).toBeLessThan(16);
  });

  it('a hard state outlives the segment that it was written to', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      await log.append({ entries: [], hardState: hardState(3, 'b'.repeat(2_000)) });
      for (let index = 1; index <= 4; index++) await log.append(batch(index, index, 3, 3_000));
    });
    expect(segmentsOf(disk)[0]).toBe(2);
    expect(await withLog(disk, (log) => log.hardState())).toEqual(hardState(3, 'b'.repeat(2_000)));
  });

  it('a segment in the middle stays as long as an older one is needed', async () => {
    const disk = await severalSegments();
    await withLog(disk, async (log) => {
      for (let index = 2; index <= 40; index++) await log.append(batch(index, index, 2, 500));
    });
    expect(segmentsOf(disk)[0]).toBe(1);
    expect(await withLog(disk, allEntries)).toEqual([...entries(1, 1, 1, 500), ...entries(2, 40, 2, 500)]);
  });
});

describe('segments that are not what they should be', () => {
  it('each missing segment is noticed, the last one too', async () => {
    const disk = await severalSegments();
    const sequences = segmentsOf(disk);
    const prepared = sequences.at(-1) ?? 0;
    for (const sequence of sequences.slice(0, -1)) {
      const damaged = new SimulatedDisk();
      for (const [path, content] of disk.snapshot()) damaged.put(path, content);
      damaged.delete(segmentFile(sequence));
      if (sequence === prepared - 1) damaged.delete(segmentFile(prepared));
      expect(await refusalOf(damaged)).toMatchObject({
        code: 'Corrupted',
        data: { file: segmentFile(sequence) },
      });
    }
  });

  it('the prepared segment may be missing', async () => {
    const disk = await severalSegments();
    disk.delete(segmentFile(segmentsOf(disk).at(-1) ?? 0));
    expect(await withLog(disk, (log) => log.lastIndex())).toBe(40);
  });

  it('swapped segments are refused', async () => {
    const disk = await severalSegments();
    const [second, third] = [disk.content(segmentFile(2)), disk.content(segmentFile(3))];
    disk.put(segmentFile(2), third);
    disk.put(segmentFile(3), second);
    expect(await refusalOf(disk)).toMatchObject({
      code: 'Corrupted',
      data: { file: segmentFile(2), offset: 0 },
    });
  });

  it('a segment that is there twice is refused', async () => {
    const disk = await severalSegments();
    const prepared = segmentsOf(disk).at(-1) ?? 0;
    disk.put(segmentFile(prepared), disk.content(segmentFile(2)).slice());
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(prepared) } });
  });

  it('the last record of a segment that is not the last one cannot be torn', async () => {
    const disk = await severalSegments();
    const content = disk.content(segmentFile(2));
    const used = content.findLastIndex((byte) => byte !== 0);
    // The seal of 33 bytes stands behind the last record.
    flipByteIn(disk, 2, used - 33 - 10);
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(2) } });
  });

  it('a damaged header of the active segment is refused', async () => {
    const disk = await severalSegments();
    const active = (segmentsOf(disk).at(-1) ?? 0) - 1;
    flipByteIn(disk, active, 20);
    expect(await refusalOf(disk)).toMatchObject({
      code: 'Corrupted',
      data: { file: segmentFile(active), offset: 0 },
    });
  });

  it('a segment that does not go on where the one before it ended is refused', async () => {
    const disk = await severalSegments();
    const header = decodeSegmentHeader(disk.content(segmentFile(2)), SALT);
    if (!header) throw new Error('the header is there');
    const skipping = { ...header, firstIndex: header.firstIndex + 1 };
    disk.content(segmentFile(2)).set(encodeSegmentHeader(skipping, SALT));
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(2) } });
  });

  it('a first record that vanished is noticed, since the segment behind it was prepared', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, (log) => log.append(batch(1, 1, 1)));
    disk.content(segmentFile(1)).fill(0);
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(1) } });
  });

  it('files of others are left alone', async () => {
    const disk = await severalSegments();
    disk.put('data/notes.txt', Uint8Array.of(1));
    await withLog(disk, (log) => log.append(batch(41, 41, 1)));
    expect(disk.content('data/notes.txt')).toEqual(Uint8Array.of(1));
  });
});

describe('what a stop leaves of a segment', () => {
  it('a name that the stopped process did not flush is flushed before anything is told that is behind it', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await openOn(disk);
      const begun = createDeferred<void>();
      disk.beforeOperation = (operation) => {
        if (operation !== 'fsyncDirectory') return undefined;
        begun.resolve();
        return new Promise(() => undefined);
      };
      // The next segment is prepared behind the first record.
      await log.append(batch(1, 1, 1, 3_000));
      await begun.promise;
      disk.beforeOperation = undefined;
      disk.kill();
      expect(disk.paths).toContain(segmentFile(2));
      const again = await openOn(disk);
      await again.append(batch(2, 2, 1, 3_000));
      disk.crash();
      expect(await withLog(disk, trace)).toBe('1.1 1.2');
    }
  });

  it('one that was made larger has its size before a record needs it', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await openOn(disk);
      await log.append(batch(1, 1, 1));
      disk.beforeOperation = (operation, path) => {
        // The record is written, and not flushed: any of its sectors may be lost, the last ones too.
        if (operation !== 'fdatasync' || path !== segmentFile(2)) return undefined;
        if (disk.snapshot().get(path)?.[0] !== 0) disk.crash();
        return undefined;
      };
      await expect(log.append(batch(2, 2, 1, 3 * SEGMENT_BYTES))).rejects.toMatchObject({
        code: 'DiskFailed',
      });
      disk.beforeOperation = undefined;
      expect(await withLog(disk, trace)).toMatch(/^1\.1( 1\.2)?$/);
    }
  });
});
