import { describe, expect, it } from 'vitest';
import { SimulatedDisk } from '../src/simulated-disk.js';
import { completeRecord, readRecord, RECORD_HEADER_BYTES } from '../src/record.js';
import { decodeBody } from '../src/record-body.js';
import { encodeSeal, summaryOf } from '../src/seal.js';
import type { SegmentSummary } from '../src/segment-summary.js';
import { type TermRun, TermRuns } from '../src/term-runs.js';
import { decodeSegmentHeader, encodeSegmentHeader } from '../src/segment-header.js';
import { copyOf, openOn, refusalOf, SALT, segmentFile, SEGMENT_BYTES, withLog } from './support/durable.js';
import { allEntries, at, batch, entries, hardState, trace } from './support/entries.js';
import { readsOf } from './support/reads.js';
import { save, snapshot } from './support/snapshots.js';

/** Entries of 500 bytes, one record each, over more than five segments; replaced across several of them. */
async function replacedLog(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  await withLog(disk, async (log) => {
    for (let index = 1; index <= 30; index++) await log.append(batch(index, index, 1, 500));
    for (let index = 10; index <= 40; index++) await log.append(batch(index, index, 2, 500));
  });
  return disk;
}

const REPLACED = [...entries(1, 9, 1, 500), ...entries(10, 40, 2, 500)];

/** Where the segment's seal begins, as the next one says. */
function sealAt(disk: SimulatedDisk, sequence: number): number {
  return decodeSegmentHeader(disk.content(segmentFile(sequence + 1)), SALT)?.previousEnd ?? 0;
}

function lastOf(disk: SimulatedDisk): number {
  const segments = disk.paths.filter((path) => path.endsWith('.segment'));
  return Number.parseInt(segments.at(-2)?.slice(5) ?? '', 10);
}

function firstRun(seal: SegmentSummary): TermRun {
  const run = seal.terms.runs[0];
  if (!run) throw new Error('the segment has entries');
  return run;
}

describe('a start', () => {
  it('reads headers, seals and the last segment, and no other byte of the log', async () => {
    const disk = new SimulatedDisk();
    const sizes = { segmentBytes: 300_000 };
    const log = await openOn(disk, undefined, sizes);
    for (let index = 1; index <= 300; index++) await log.append(batch(index, index, 1, 5_000));
    await log.close();
    const reads = readsOf(disk);
    const again = await openOn(reads.disk, undefined, sizes);
    const last = lastOf(disk);
    expect(last).toBeGreaterThan(4);
    for (let sequence = 1; sequence < last; sequence++) {
      expect(reads.bytesOf(segmentFile(sequence))).toBeLessThan(9_000);
    }
    expect(allEntries(again).map(({ index }) => index)).toEqual(
      Array.from({ length: 300 }, (_, place) => place + 1),
    );
    await again.close();
  });

  it('puts together what replaced what across segments as if it read all of it', async () => {
    const disk = await replacedLog();
    await withLog(disk, (log) => expect(allEntries(log)).toEqual(REPLACED));
  });

  it('seals the segment before the last one when the process was stopped before that', async () => {
    const disk = await replacedLog();
    const last = lastOf(disk);
    const end = sealAt(disk, last - 1);
    disk.content(segmentFile(last - 1)).fill(0, end);
    await withLog(disk, (log) => expect(allEntries(log)).toEqual(REPLACED));
    const written = disk.content(segmentFile(last - 1)).subarray(end, end + 4);
    expect(new TextDecoder().decode(written)).toBe('DREC');
    const reads = readsOf(disk);
    await withLog(disk, () => undefined);
    expect(reads.bytesOf(segmentFile(last - 1))).toBeLessThan(SEGMENT_BYTES);
  });
});

describe('damage', () => {
  it('to a seal is refused at every bit, unless the segment is the one before the last', async () => {
    const disk = await replacedLog();
    const last = lastOf(disk);
    for (const sequence of [1, last - 2, last - 1]) {
      const end = sealAt(disk, sequence);
      const length = disk.content(segmentFile(sequence)).findLastIndex((byte) => byte !== 0) + 1;
      for (let byte = end; byte < length; byte++) {
        const copy = copyOf(disk);
        copy.flipBit(segmentFile(sequence), byte, byte % 8);
        if (sequence === last - 1) {
          // It may be torn: the records are read instead.
          await withLog(copy, (log) => expect(allEntries(log)).toEqual(REPLACED));
          continue;
        }
        const refusal = await refusalOf(copy);
        expect(refusal).toMatchObject({
          code: 'Corrupted',
          data: { file: segmentFile(sequence), offset: end },
        });
      }
    }
  });

  it('to the header of any segment is refused at every bit', async () => {
    const disk = await replacedLog();
    for (let sequence = 1; sequence <= lastOf(disk); sequence++) {
      for (let byte = 0; byte < 64; byte++) {
        const copy = copyOf(disk);
        copy.flipBit(segmentFile(sequence), byte, byte % 8);
        const refusal = await refusalOf(copy);
        expect(refusal).toMatchObject({
          code: 'Corrupted',
          data: { file: segmentFile(sequence), offset: 0 },
        });
      }
    }
  });

  it.each([
    ['ends earlier', { previousEnd: -1 }],
    ['ends later', { previousEnd: 600 }],
    ['ends nowhere', { previousEnd: 1e9 }],
  ])('a header that says that the segment before it %s is refused', async (_, { previousEnd }) => {
    const disk = await replacedLog();
    const header = decodeSegmentHeader(disk.content(segmentFile(3)), SALT);
    if (!header) throw new Error('the header is there');
    const other = { ...header, previousEnd: header.previousEnd + previousEnd };
    disk.content(segmentFile(3)).set(encodeSegmentHeader(other, SALT));
    expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(2) } });
  });

  it.each<[string, (seal: SegmentSummary) => void, 'opened' | 'read']>([
    ['another first index', (seal) => Object.assign(seal, { firstIndex: seal.firstIndex + 1 }), 'opened'],
    ['another last index', (seal) => (seal.lastIndex += 1), 'opened'],
    [
      'terms that its records do not have',
      (seal) => (seal.terms = new TermRuns([{ ...firstRun(seal), term: at(2) as never }])),
      'read',
    ],
    ['places where its entries are not', (seal) => (seal.marks = [{ index: 1, position: 700 }]), 'read'],
    ['a place beyond its end', (seal) => (seal.marks = [{ index: 1, position: 9_000 }]), 'opened'],
    ['entries and no place', (seal) => (seal.marks = []), 'opened'],
  ])('a seal in order that says %s is found when it is %s', async (_, change, when) => {
    const disk = await replacedLog();
    const end = sealAt(disk, 1);
    const content = disk.content(segmentFile(1));
    const body = readRecord(content, { sequence: 1, position: end }, SALT);
    const [seal] = body ? decodeBody(body) : [];
    if (seal?.kind !== 'seal' || !seal.content) throw new Error('the seal is there');
    const summary = summaryOf(seal.content, 1, end);
    change(summary);
    const forged = new Uint8Array([...new Uint8Array(RECORD_HEADER_BYTES), ...encodeSeal(summary)]);
    completeRecord(forged, 0, { sequence: 1, position: end }, SALT);
    content.set(forged, end);
    if (when === 'opened') {
      expect(await refusalOf(disk)).toMatchObject({ code: 'Corrupted' });
      return;
    }
    await withLog(disk, (log) => {
      expect(() => allEntries(log)).toThrow(expect.objectContaining({ code: 'Corrupted' }) as Error);
    });
  });

  it('a seal that belongs to another segment of the log is refused', async () => {
    const disk = await replacedLog();
    const [from, to] = [sealAt(disk, 1), sealAt(disk, 2)];
    disk.content(segmentFile(2)).set(disk.content(segmentFile(1)).slice(from, from + 120), to);
    expect(await refusalOf(disk)).toMatchObject({
      code: 'Corrupted',
      data: { file: segmentFile(2), offset: to },
    });
  });
});

describe('compaction', () => {
  it('gives segments back at once, and a start knows that they are needed no more', async () => {
    const disk = new SimulatedDisk();
    const log = await openOn(disk);
    for (let index = 1; index <= 100; index++) await log.append(batch(index, index, 1, 500));
    await save(log, snapshot(95, 1));
    const before = disk.paths.length;
    await log.compact(at(95));
    await log.close();
    // All but the few that are kept for another life.
    expect(before - disk.paths.length).toBeGreaterThan(8);
    for (let round = 0; round < 2; round++) {
      await withLog(disk, (again) => expect(trace(again)).toBe('1.96 1.97 1.98 1.99 1.100'));
      disk.crash();
    }
  });

  it('that was not durable leaves all segments as they are, and the log whole', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new SimulatedDisk(seed);
      const log = await openOn(disk);
      for (let index = 1; index <= 60; index++) await log.append(batch(index, index, 1, 500));
      await save(log, snapshot(58, 1));
      disk.beforeOperation = (operation) => {
        if (operation === 'fdatasync') disk.crash();
        return undefined;
      };
      await expect(log.compact(at(58))).rejects.toMatchObject({ code: 'DiskFailed' });
      disk.beforeOperation = undefined;
      await withLog(disk, (again) => expect([0, 58]).toContain(again.firstIndex() - 1));
      await withLog(disk, (again) => expect(again.hardState()).toEqual(hardState(0, '', 58)));
    }
  });
});
