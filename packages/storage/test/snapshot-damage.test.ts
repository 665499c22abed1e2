import { crc32 } from 'node:zlib';
import type { LogStore } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { encodeSnapshotHeader } from '../src/snapshot-header.js';
import { SimulatedDisk } from '../src/simulated-disk.js';
import { copyOf, openOn, RecordingLogger, refusalOf, withLog } from './support/durable.js';
import { at, batch, trace } from './support/entries.js';
import { read, save, snapshot, snapshotFile, snapshotTrace } from './support/snapshots.js';

const NEWEST = snapshotFile(5, 1);
const HEADER_BYTES = encodeSnapshotHeader({ ...snapshot(5, 1), dataBytes: 0, checksum: 0 }).length;

/** Entries 1 to 6, snapshots at 3 and 5, and a log that begins behind `through`. */
async function diskWithSnapshots(through: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  await withLog(disk, async (log) => {
    await log.append(batch(1, 6, 1));
    await save(log, snapshot(3, 1));
    await save(log, snapshot(5, 1));
    await log.compact(at(through));
  });
  return disk;
}

describe('a damaged snapshot that the log cannot do without', () => {
  it('is refused at every flipped bit, naming file and byte', async () => {
    const disk = await diskWithSnapshots(5);
    const { length } = disk.content(NEWEST);
    for (let byte = 0; byte < length; byte++) {
      const copy = copyOf(disk);
      copy.flipBit(NEWEST, byte, byte % 8);
      const refusal = await refusalOf(copy);
      const offset = byte < HEADER_BYTES ? 0 : HEADER_BYTES;
      expect(refusal).toMatchObject({ code: 'Corrupted', data: { file: NEWEST, offset } });
      expect(refusal.message).toContain(`${NEWEST}, byte ${offset}`);
    }
  });

  it('is refused wherever it was cut short, naming the byte at which it ends', async () => {
    const disk = await diskWithSnapshots(5);
    const content = disk.content(NEWEST);
    for (let length = 0; length < content.length; length++) {
      const copy = copyOf(disk);
      copy.put(NEWEST, content.slice(0, length));
      const offset = length < HEADER_BYTES ? 0 : length;
      expect(await refusalOf(copy)).toMatchObject({ code: 'Corrupted', data: { file: NEWEST, offset } });
    }
  });

  it('is refused when bytes follow it', async () => {
    const disk = await diskWithSnapshots(5);
    const content = disk.content(NEWEST);
    disk.put(NEWEST, Buffer.concat([content, Buffer.of(0)]));
    const data = { file: NEWEST, offset: content.length };
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data });
  });

  it('is refused when it is missing, by the name that it should have', async () => {
    const disk = await diskWithSnapshots(5);
    disk.delete(NEWEST);
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: NEWEST, offset: 0 } });
  });

  it('is refused when it is another, under its name', async () => {
    const disk = await diskWithSnapshots(5);
    disk.put(NEWEST, disk.content(snapshotFile(3, 1)));
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: NEWEST, offset: 16 } });
  });

  it('of a newer format is refused by its version', async () => {
    const disk = await diskWithSnapshots(5);
    const header = Buffer.from(disk.content(NEWEST).buffer, 0, HEADER_BYTES);
    header.writeUInt32LE(3, 8);
    header.writeUInt32LE(crc32(header.subarray(0, -4)), HEADER_BYTES - 4);
    expect(await refusalOf(disk)).toMatchObject({
      code: 'Unimplemented',
      message: expect.stringContaining('format version 3') as unknown,
    });
  });

  it.each([4, 5])(
    'is refused when the log begins behind %i, between it and the one before',
    async (through) => {
      const disk = await diskWithSnapshots(through);
      disk.flipBit(NEWEST, 20, 0);
      expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: NEWEST } });
    },
  );

  it('is refused when it is read, too, and stays where it is', async () => {
    const disk = await diskWithSnapshots(5);
    await withLog(disk, async (log) => {
      disk.flipBit(NEWEST, HEADER_BYTES, 0);
      const refusal = { code: 'Corrupted', data: { file: NEWEST, offset: HEADER_BYTES } };
      await expect(read(log)).rejects.toMatchObject(refusal);
      disk.flipBit(NEWEST, HEADER_BYTES, 0);
      expect(await read(log)).toEqual(snapshot(5, 1));
    });
  });

  it('is refused when it is read and the log was compacted beyond the one before it just now', async () => {
    const disk = await diskWithSnapshots(3);
    await withLog(disk, async (log) => {
      await log.compact(at(4));
      disk.flipBit(NEWEST, HEADER_BYTES, 0);
      await expect(read(log)).rejects.toMatchObject({ code: 'Corrupted', data: { file: NEWEST } });
    });
  });
});

describe('a damaged snapshot that the log can do without', () => {
  it.each([
    ['at the one before it', 3, '1.4 1.5 1.6'],
    ['before that', 2, '1.3 1.4 1.5 1.6'],
    ['at index 1', 0, '1.1 1.2 1.3 1.4 1.5 1.6'],
  ])('is passed over and kept, when the log begins %s', async (_, through, expected) => {
    const disk = await diskWithSnapshots(through);
    disk.flipBit(NEWEST, HEADER_BYTES, 3);
    const logger = new RecordingLogger();
    const log = await openOn(disk, logger);
    expect(trace(log)).toBe(expected);
    expect(snapshotTrace(log)).toBe('1.3');
    expect(await read(log)).toEqual(snapshot(3, 1));
    expect(logger.told).toMatchObject([
      { level: 'error', fields: { damage: { file: NEWEST, offset: HEADER_BYTES } } },
    ]);
    expect(disk.paths).toContain(NEWEST);
    await save(log, snapshot(5, 1));
    await log.close();
    expect(await withLog(disk, (again) => read(again))).toEqual(snapshot(5, 1));
  });

  it('leaves none, when the log begins at index 1 and no other is whole', async () => {
    const disk = await diskWithSnapshots(0);
    disk.flipBit(NEWEST, 1, 1);
    disk.delete(snapshotFile(3, 1));
    await withLog(disk, async (log) => {
      expect(snapshotTrace(log)).toBe('none');
      expect(await read(log)).toBeUndefined();
      expect(log.lastIndex()).toBe(6);
    });
  });

  it.each<[string, (log: LogStore, disk: SimulatedDisk) => void, string]>([
    ['to the one before it', (_, disk) => disk.flipBit(NEWEST, HEADER_BYTES, 3), '1.3'],
    ['to the one before it, as it is missing', (_, disk) => disk.delete(NEWEST), '1.3'],
  ])('found when it is read leads %s, which is shown from then on', async (_, damage, expected) => {
    const disk = await diskWithSnapshots(3);
    await withLog(disk, async (log) => {
      // The first to read it after a start is the one who checks it: what recovery has checked is not read twice.
      expect(await read(log)).toEqual(snapshot(5, 1));
      damage(log, disk);
      expect(await read(log)).toEqual(snapshot(3, 1));
      expect(snapshotTrace(log)).toBe(expected);
      await expect(log.compact(at(4))).rejects.toMatchObject({ code: 'InvalidArgument' });
    });
  });
});

it('a snapshot that is damaged between the opening of the log and its first reading is refused by that, and passed over by the next', async () => {
  const disk = await diskWithSnapshots(3);
  await withLog(disk, async (log) => {
    disk.flipBit(NEWEST, HEADER_BYTES, 3);
    await expect(read(log)).rejects.toMatchObject({ code: 'Corrupted' });
    expect(await read(log)).toEqual(snapshot(3, 1));
    expect(snapshotTrace(log)).toBe('1.3');
  });
});

it('a start reads the data of its snapshot twice: to check it, and to restore it', async () => {
  const disk = await diskWithSnapshots(3);
  let reads = 0;
  disk.beforeOperation = (operation, path) => {
    if (operation === 'read' && path === NEWEST) reads++;
    return undefined;
  };
  const readsOf = async (log: LogStore): Promise<number> => {
    reads = 0;
    await read(log);
    return reads;
  };
  await withLog(disk, async (log) => {
    const opening = reads;
    const first = await readsOf(log);
    expect(opening).toBeGreaterThan(0);
    expect(first).toBe(opening);
    expect(await readsOf(log)).toBe(opening + 1);
  });
});

describe('a snapshot that the log does not know', () => {
  it.each([
    ['ahead of the log', 7, 1],
    ['of another term', 6, 2],
  ])('counts for nothing: one %s', async (_, index, term) => {
    const disk = await diskWithSnapshots(5);
    disk.put(snapshotFile(index, term), Uint8Array.of(1));
    await withLog(disk, async (log) => {
      expect(snapshotTrace(log)).toBe('1.5');
      expect(await read(log)).toEqual(snapshot(5, 1));
    });
    expect(disk.paths).toContain(snapshotFile(index, term));
  });

  it('counts when the log has its place all the same', async () => {
    const disk = await diskWithSnapshots(5);
    const other = await diskWithSnapshots(0);
    await withLog(other, (log) => save(log, snapshot(6, 1)));
    // As an installation leaves it that did not come as far as the log.
    disk.put(snapshotFile(6, 1), other.content(snapshotFile(6, 1)));
    await withLog(disk, async (log) => {
      expect(snapshotTrace(log)).toBe('1.6');
      expect(log.hardState().commit).toBe(6);
      await log.compact(at(6));
    });
    expect(await withLog(disk, (log) => read(log))).toEqual(snapshot(6, 1));
  });
});
