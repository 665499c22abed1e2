import { describe, expect, it } from 'vitest';
import { copyOf, refusalOf, segmentFile, SEGMENT_BYTES, withLog } from './support/durable.js';
import { allEntries, at, batch, entries, hardState } from './support/entries.js';
import { readsOf } from './support/reads.js';
import { save, snapshot } from './support/snapshots.js';
import { version2Disk } from './support/version-2-directory.js';

const EXPECTED = [...entries(1, 4, 1, 500), ...entries(5, 24, 2, 500)];

describe('a directory of format version 2', () => {
  it('is read, and says version 3 from then on', async () => {
    const disk = version2Disk();
    await withLog(disk, (log) => {
      expect(allEntries(log)).toEqual(EXPECTED);
      expect(log.hardState()).toEqual(hardState(2, 'b', 23));
    });
    expect(new TextDecoder().decode(disk.content('data/metadata'))).toContain('{"format":3,');
  });

  it('has seals that say nothing of their segments: those are read whole', async () => {
    const reads = readsOf(version2Disk());
    await withLog(reads.disk, () => undefined);
    for (const sequence of [1, 2, 3, 4, 5]) {
      expect(reads.bytesOf(segmentFile(sequence))).toBeGreaterThanOrEqual(SEGMENT_BYTES);
    }
  });

  it('refuses damage in the middle when it is opened, as it always did', async () => {
    for (let byte = 0; byte < 4_000; byte += 97) {
      const disk = copyOf(version2Disk());
      disk.flipBit(segmentFile(2), byte, byte % 8);
      const refusal = await refusalOf(disk).catch((error: unknown) => error);
      // What is behind the seal, and the bare seal, may be anything.
      if (refusal instanceof Error && refusal.message === 'it was opened')
        expect(byte).toBeGreaterThan(3_700);
      else expect(refusal).toMatchObject({ code: 'Corrupted', data: { file: segmentFile(2) } });
    }
  });

  it('goes on in the new format: appended to, compacted, replaced', async () => {
    const disk = version2Disk();
    await withLog(disk, async (log) => {
      for (let index = 25; index <= 60; index++) await log.append(batch(index, index, 3, 500));
      await log.append(batch(50, 50, 4, 500));
    });
    await withLog(disk, async (log) => {
      expect(allEntries(log)).toEqual([...EXPECTED, ...entries(25, 49, 3, 500), ...entries(50, 50, 4, 500)]);
      await save(log, snapshot(40, 3));
      await log.compact(at(40));
    });
    await withLog(disk, (log) => {
      expect(allEntries(log)).toEqual([...entries(41, 49, 3, 500), ...entries(50, 50, 4, 500)]);
    });
  });
});
