import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { durableStorage } from '../src/durable-storage.js';
import { encodeSegmentHeader, decodeSegmentHeader } from '../src/segment-header.js';
import { findRecordHeader } from '../src/record.js';
import {
  copyOf,
  openOn,
  RecordingLogger,
  refusalOf,
  SALT,
  SEGMENT_BYTES,
  segmentFile,
  withLog,
} from './support/durable.js';
import { batch, entry, hardState, NODE_A, trace } from './support/entries.js';
import { SimulatedDisk } from '../src/simulated-disk.js';

/** Three records in one segment, and where each of them ends. */
async function threeRecords(): Promise<{ readonly disk: SimulatedDisk; readonly ends: readonly number[] }> {
  const disk = new SimulatedDisk();
  const ends: number[] = [];
  await withLog(disk, async (log) => {
    for (const index of [1, 2, 3]) {
      await log.append({ ...batch(index, index, index), hardState: hardState(index, 'a') });
      ends.push(usedBytes(disk.content(segmentFile(1))));
    }
  });
  return { disk, ends };
}

function usedBytes(content: Uint8Array): number {
  return content.findLastIndex((byte) => byte !== 0) + 1;
}

/** The log as opening shows it, on a copy of the disk on which `damage` was done. */
async function traceAfter(damage: (content: Uint8Array) => void, disk: SimulatedDisk): Promise<string> {
  const copy = copyOf(disk);
  damage(copy.content(segmentFile(1)));
  return withLog(copy, trace);
}

describe('a torn tail', () => {
  it('is cut at every byte of the last record, and the records before it stay', async () => {
    const { disk, ends } = await threeRecords();
    const [, second = 0, third = 0] = ends;
    for (let written = second; written < third; written++) {
      expect(await traceAfter((content) => content.fill(0, written), disk)).toBe('1.1 2.2');
    }
    expect(await traceAfter(() => undefined, disk)).toBe('1.1 2.2 3.3');
  });

  it('is cut when its first bytes are those that are missing', async () => {
    const { disk, ends } = await threeRecords();
    const [, second = 0, third = 0] = ends;
    for (let missing = second + 1; missing < third; missing++) {
      expect(await traceAfter((content) => content.fill(0, second, missing), disk)).toBe('1.1 2.2');
    }
  });

  it('is cut whichever of its sectors are missing: several batches are whole or gone together', async () => {
    const disk = new SimulatedDisk();
    let begin = 0;
    await withLog(disk, async (log) => {
      await log.append(batch(1, 1, 1));
      begin = usedBytes(disk.content(segmentFile(1)));
      await Promise.all([2, 3, 4].map((index) => log.append(batch(index, index, 1, 700))));
    });
    const written = disk.content(segmentFile(1)).slice();
    const sectors = Array.from({ length: 6 }, (_, at) => at * 512).filter(
      (at) => at + 512 > begin && at < usedBytes(written),
    );
    expect(sectors.length).toBe(5);
    for (let missing = 1; missing < 2 ** sectors.length; missing++) {
      const damage = (content: Uint8Array): void => {
        for (const [bit, at] of sectors.entries()) {
          if (missing & (1 << bit)) content.fill(0, Math.max(at, begin), at + 512);
        }
      };
      expect(await traceAfter(damage, disk)).toBe('1.1');
    }
    expect(await traceAfter(() => undefined, disk)).toBe('1.1 1.2 1.3 1.4');
  });

  it('is cut at every byte of the first record of all', async () => {
    const { disk, ends } = await threeRecords();
    // It is prepared only once the first record is durable.
    disk.delete(segmentFile(2));
    for (let written = 0; written < (ends[0] ?? 0); written++) {
      expect(await traceAfter((content) => content.fill(0, written), disk)).toBe('');
    }
  });

  it('becomes zeros and is told to the logger', async () => {
    const { disk, ends } = await threeRecords();
    const [, second = 0, third = 0] = ends;
    const content = disk.content(segmentFile(1));
    content[third - 1] = 0xff;
    const logger = new RecordingLogger();
    await (await openOn(disk, logger)).close();
    expect(usedBytes(disk.content(segmentFile(1)))).toBe(second);
    expect(logger.told).toMatchObject([
      { level: 'warn', fields: { file: segmentFile(1), offset: second, bytes: third - second } },
    ]);
  });

  it('never comes back: the log goes on where it was cut, and can be cut again', async () => {
    const { disk, ends } = await threeRecords();
    disk.content(segmentFile(1)).fill(0, (ends[2] ?? 0) - 1);
    await withLog(disk, (log) => log.append(batch(3, 4, 7)));
    expect(await withLog(disk, trace)).toBe('1.1 2.2 7.3 7.4');
  });

  it('takes all of a batch with it: entries and hard state', async () => {
    const { disk, ends } = await threeRecords();
    disk.content(segmentFile(1)).fill(0, (ends[2] ?? 0) - 1);
    await withLog(disk, (log) => expect(log.hardState()).toEqual(hardState(2, 'a')));
  });
});

it('a segment whose first record was torn does not count, though its header is whole', async () => {
  const disk = new SimulatedDisk();
  const log = await openOn(disk);
  // Without an entry the first segment is needed no more, says the header of the second.
  await log.append({ entries: [], hardState: hardState(3, 'b'.repeat(2_000)) });
  let torn: ReadonlyMap<string, Uint8Array> | undefined;
  disk.beforeOperation = (operation, path) => {
    if (operation === 'fdatasync' && path === segmentFile(2)) torn = disk.snapshot();
    return undefined;
  };
  await log.append(batch(1, 1, 3, 3_000));
  await log.close();
  const copy = new SimulatedDisk();
  for (const [path, content] of torn ?? []) copy.put(path, content);
  copy.content(segmentFile(2)).fill(0, 512);
  await withLog(copy, (again) => {
    expect(copy.content(segmentFile(2)).every((byte) => byte === 0)).toBe(true);
    expect(again.lastIndex()).toBe(0);
    expect(again.hardState()).toEqual(hardState(3, 'b'.repeat(2_000)));
  });
});

describe('damage in the middle', () => {
  it('refuses to open at every flipped bit before the last record, naming file and byte', async () => {
    const { disk, ends } = await threeRecords();
    const [first = 0, second = 0] = ends;
    for (let byte = 0; byte < second; byte++) {
      const copy = copyOf(disk);
      const content = copy.content(segmentFile(1));
      content[byte] = (content[byte] ?? 0) ^ (1 << (byte % 8));
      const refusal = await refusalOf(copy);
      const offset = byte < 64 ? 0 : byte < first ? 64 : first;
      expect(refusal.code).toBe('Corrupted');
      expect(refusal.data).toMatchObject({ file: segmentFile(1), offset });
      expect(refusal.message).toContain(`${segmentFile(1)}, byte ${offset}`);
    }
  });

  it('a flipped bit in the last record is a torn tail: nothing can tell them apart', async () => {
    const { disk, ends } = await threeRecords();
    const [, second = 0, third = 0] = ends;
    for (let byte = second; byte < third; byte++) {
      const flip = (content: Uint8Array): void => void (content[byte] = (content[byte] ?? 0) ^ 0x10);
      expect(await traceAfter(flip, disk)).toBe('1.1 2.2');
    }
  });

  it.each([0xffff_ffff, 0x7fff_ffff, SEGMENT_BYTES, 0])(
    'a length of %i, with a header that is otherwise in order, is never believed',
    async (length) => {
      const { disk, ends } = await threeRecords();
      for (const [place, expected] of [
        [ends[0] ?? 0, undefined],
        [ends[1] ?? 0, '1.1 2.2'],
      ] as const) {
        const copy = copyOf(disk);
        const header = Buffer.from(copy.content(segmentFile(1)).buffer, place, 32);
        header.writeUInt32LE(length, 4);
        header.writeUInt32LE(crc32(header.subarray(0, 28), SALT), 28);
        if (expected === undefined) {
          expect(await refusalOf(copy)).toMatchObject({ code: 'Corrupted', data: { offset: place } });
        } else expect(await withLog(copy, trace)).toBe(expected);
      }
    },
  );

  it('is told from a torn tail in bounded time, though every four bytes look like the begin of a record', () => {
    const garbage = new Uint8Array(Buffer.alloc(16 << 20, 'DREC'));
    const begin = performance.now();
    expect(findRecordHeader(garbage, { sequence: 1, position: 0 }, SALT)).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('refuses zeros in place of a record', async () => {
    const { disk, ends } = await threeRecords();
    disk.content(segmentFile(1)).fill(0, ends[0], ends[1]);
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { offset: ends[0] } });
  });

  it('is not invented by an entry that holds the bytes of a record', async () => {
    const { disk, ends } = await threeRecords();
    const forged = disk.content(segmentFile(1)).slice(ends[1], ends[2]);
    await withLog(disk, (log) => log.append({ entries: [entry(4, 4, forged)] }));
    disk.content(segmentFile(1))[(ends[2] ?? 0) + 1] = 0xff;
    expect(await withLog(disk, trace)).toBe('1.1 2.2 3.3');
  });

  it('refuses a segment that was cut short', async () => {
    const { disk } = await threeRecords();
    disk.put(segmentFile(1), disk.content(segmentFile(1)).slice(0, 2_000));
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { offset: 2_000 } });
  });
});

describe('format versions', () => {
  it('a segment of a newer format is refused by its version', async () => {
    const { disk } = await threeRecords();
    const header = decodeSegmentHeader(disk.content(segmentFile(1)), SALT);
    if (!header) throw new Error('the header is there');
    disk.content(segmentFile(1)).set(encodeSegmentHeader({ ...header, formatVersion: 4 }, SALT));
    expect(await refusalOf(disk)).toMatchObject({
      code: 'Unimplemented',
      message: expect.stringContaining('format version 4') as unknown,
    });
  });

  it('metadata of a newer format is refused by its version', async () => {
    const { disk } = await threeRecords();
    const line = '{"format":4,"more":true}';
    disk.put('data/metadata', Buffer.from(`${line}\n${crc32(line).toString(16).padStart(8, '0')}\n`));
    expect(await refusalOf(disk)).toMatchObject({ code: 'Unimplemented' });
  });

  it('metadata in which any bit flipped is refused', async () => {
    const { disk } = await threeRecords();
    const length = disk.content('data/metadata').length - 1;
    for (let byte = 0; byte < length; byte++) {
      const copy = copyOf(disk);
      const content = copy.content('data/metadata');
      content[byte] = (content[byte] ?? 0) ^ 1;
      expect(await refusalOf(copy)).toMatchObject({ code: 'Corrupted' });
    }
  });

  it('segments without metadata are refused', async () => {
    const { disk } = await threeRecords();
    disk.delete('data/metadata');
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: 'data/metadata' } });
  });

  it('a cluster that is named for the first time is not written beside damage', async () => {
    const { disk } = await threeRecords();
    disk.content(segmentFile(1))[100] = 0xff;
    const before = disk.content('data/metadata').slice();
    const storage = durableStorage('data', { disk: disk.forProcess(), segmentBytes: SEGMENT_BYTES });
    await expect(storage.open({ nodeId: NODE_A, clusterId: 'new' })).rejects.toMatchObject({
      code: 'Corrupted',
    });
    expect(disk.content('data/metadata')).toEqual(before);
  });

  it('metadata without segments is refused', async () => {
    const { disk } = await threeRecords();
    for (const path of disk.paths) if (path.endsWith('.segment')) disk.delete(path);
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(1) } });
  });
});

it('what a killed process wrote is flushed again before it is told', async () => {
  const { disk } = await threeRecords();
  disk.kill();
  disk.fdatasyncs.clear();
  const told = trace(await openOn(disk));
  expect(disk.fdatasyncs.get(segmentFile(1))).toBe(1);
  disk.crash();
  expect(await withLog(disk, trace)).toBe(told);
});
