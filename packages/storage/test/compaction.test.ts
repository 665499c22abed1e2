import { describe, expect, it } from 'vitest';
import { SimulatedDisk } from '../src/simulated-disk.js';
import { openOn, withLog } from './support/durable.js';
import { at, batch, entries, hardState, trace } from './support/entries.js';
import { save, snapshot, snapshotTrace } from './support/snapshots.js';

function segmentsOf(disk: SimulatedDisk): readonly number[] {
  return disk.paths
    .filter((path) => path.endsWith('.segment'))
    .map((path) => Number.parseInt(path.slice(5), 10));
}

describe('compaction', () => {
  it('gives back the segments before the beginning of the log, however long it runs', async () => {
    const disk = new SimulatedDisk();
    for (let round = 0; round < 10; round++) {
      await withLog(disk, async (log) => {
        for (let index = round * 30 + 1; index <= round * 30 + 30; index++) {
          await log.append(batch(index, index, 1, 500));
        }
        await save(log, snapshot(round * 30 + 25, 1));
        await log.compact(at(round * 30 + 20));
      });
    }
    expect(segmentsOf(disk).length).toBeLessThan(16);
    expect(segmentsOf(disk)[0]).toBeGreaterThan(20);
    await withLog(disk, (log) => {
      expect([log.firstIndex(), log.lastIndex()]).toEqual([291, 300]);
      expect(log.entries(at(291), at(301), Infinity)).toEqual(entries(291, 300, 1, 500));
    });
  });

  it('is remembered when the segment that it was written to is gone, though no later one was compacted', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      await log.append(batch(1, 10, 1));
      await save(log, snapshot(8, 1));
      await log.compact(at(8));
      // Everything behind the beginning is replaced again and again.
      for (let term = 2; term <= 30; term++) await log.append(batch(9, 10, term, 700));
    });
    expect(segmentsOf(disk)[0]).toBeGreaterThan(2);
    await withLog(disk, (log) => {
      expect(trace(log)).toBe('30.9 30.10');
      expect(log.term(at(8))).toBe(1);
    });
  });

  it('of all that there is survives any number of hard states behind it', async () => {
    const disk = new SimulatedDisk();
    await withLog(disk, async (log) => {
      await log.append(batch(1, 10, 1));
      await save(log, snapshot(10, 1));
      await log.compact(at(10));
      for (let term = 2; term <= 200; term++) {
        await log.append({ entries: [], hardState: hardState(term, 'a') });
      }
    });
    expect(segmentsOf(disk)[0]).toBeGreaterThan(2);
    await withLog(disk, (log) => {
      expect([log.firstIndex(), log.lastIndex(), log.term(at(10))]).toEqual([11, 10, 1]);
      expect(log.hardState()).toEqual(hardState(200, 'a', 10));
    });
  });

  it('is durable when it resolves, and an older beginning never comes back', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await openOn(disk);
      await log.append(batch(1, 10, 1));
      await save(log, snapshot(9, 1));
      await log.compact(at(4));
      await log.compact(at(7));
      disk.crash();
      expect(await withLog(disk, trace)).toBe('1.8 1.9 1.10');
    }
  });

  it('shares a flush with what is appended beside it', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    await log.append(batch(1, 10, 1));
    await save(log, snapshot(9, 1));
    const before = log.statistics().fdatasyncs;
    await Promise.all([log.append(batch(11, 11, 1)), log.compact(at(9)), log.append(batch(12, 12, 1))]);
    expect(log.statistics().fdatasyncs - before).toBe(1);
    await log.close();
    expect(await withLog(disk, trace)).toBe('1.10 1.11 1.12');
  });
});

/** What the release before snapshots wrote: entries 1 to 3, the last one replaced, in segments of 4,096 bytes. */
const VERSION_1_METADATA = '{"format":1,"nodeId":"a","clusterId":"orders","salt":1073741824}\ne357f524\n';
const VERSION_1_SEGMENT =
  'REVDT1JBRlQBAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAABAAAAAAAAAAAAAAzZuRf0RSRUNpAAAAAQAAAAAAAABAAAAA' +
  'AAAAAH5vcx4ijvkeAgAAAAAAAAAAAAAAAAAAAAAAAAAAAQMAAAABAAAAAAAAAAEAAAAAAAAAAQMAAABvbmUBAAAAAAAAAAIDAAAAdHdvAQAAAAAA' +
  'AAABBAAAAGdvbmUCAQAAAAAAAAABAAAAAAAAAAEAAABhRFJFQzUAAAABAAAAAAAAAMkAAAAAAAAAH02X1QLT3I8BAQAAAAMAAAAAAAAAAgAAAAAA' +
  'AAABBQAAAHRocmVlAgIAAAAAAAAAAgAAAAAAAAABAAAAYg==';

function version1Disk(): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.put('data/metadata', new TextEncoder().encode(VERSION_1_METADATA));
  const segment = new Uint8Array(4_096);
  segment.set(Buffer.from(VERSION_1_SEGMENT, 'base64'));
  disk.put('data/0000000000000001.segment', segment);
  disk.put('data/0000000000000002.segment', new Uint8Array(4_096));
  return disk;
}

describe('a directory of format version 1', () => {
  it('is read, and says version 3 from then on', async () => {
    const disk = version1Disk();
    await withLog(disk, (log) => {
      expect(trace(log)).toBe('1.1 1.2 2.3');
      const found = log.entries(at(1), at(4), Infinity);
      expect(found.map(({ data, kind }) => `${kind} ${new TextDecoder().decode(data)}`)).toEqual([
        'normal one',
        'configuration two',
        'normal three',
      ]);
      expect(log.hardState()).toEqual(hardState(2, 'b', 2));
    });
    const metadata = new TextDecoder().decode(disk.content('data/metadata'));
    expect(metadata).toContain('{"format":3,"nodeId":"a","clusterId":"orders","salt":1073741824}');
  });

  it('takes snapshots and is compacted like any other', async () => {
    const disk = version1Disk();
    await withLog(disk, async (log) => {
      await save(log, snapshot(2, 1));
      await log.compact(at(2));
      await log.append(batch(4, 4, 2, 3_900));
    });
    await withLog(disk, (log) => {
      expect(trace(log)).toBe('2.3 2.4');
      expect(snapshotTrace(log)).toBe('1.2');
    });
  });
});
