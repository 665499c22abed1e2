import { describe, expect, it } from 'vitest';
import type { Storage } from '../src/storage.js';
import { at, batch, hardState, trace } from './support/entries.js';
import { openedLogs } from './support/opened-logs.js';
import { descriptionOf, metadata, read, save, snapshot, snapshotTrace } from './support/snapshots.js';

/** The part of `logStoreContract` that is about snapshots of its own, and compaction. */
export function logSnapshotContract(name: string, createStorage: () => Storage | Promise<Storage>): void {
  describe(`log store contract, snapshots: ${name}`, () => {
    const { openLog, reopened, withSnapshot } = openedLogs();

    it('a fresh log has no snapshot', async () => {
      const log = await openLog(await createStorage());
      expect(log.snapshot()).toBeUndefined();
      expect(await read(log)).toBeUndefined();
    });

    it('a snapshot that was saved is shown and read, also after opening again, and the log stays', async () => {
      const storage = await createStorage();
      let log = await withSnapshot(storage);
      for (let round = 0; round < 2; round++) {
        expect(log.snapshot()).toEqual(metadata(4, 2));
        expect(await read(log)).toEqual(snapshot(4, 2));
        expect(trace(log)).toBe('1.1 1.2 1.3 2.4 2.5 2.6');
        expect(log.firstIndex()).toBe(1);
        log = await reopened(storage, log);
      }
    });

    it.each([0, 1, 5_000, (1 << 20) + 7])('a snapshot may have %i bytes of data', async (dataBytes) => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append(batch(1, 1, 1));
      await save(log, snapshot(1, 1, dataBytes));
      const found = await read(await reopened(storage, log));
      expect(found?.data.length).toBe(dataBytes);
      expect(found?.data.every((byte) => byte === 2)).toBe(true);
    });

    it('the newest of many snapshots is the one that counts', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append(batch(1, 9, 1));
      await Promise.all([3, 5, 6, 9].map((index) => save(log, snapshot(index, 1))));
      expect(snapshotTrace(log)).toBe('1.9');
      const again = await reopened(storage, log);
      expect(await read(again)).toEqual(snapshot(9, 1));
    });

    it('a snapshot that is no newer than the newest changes nothing', async () => {
      const log = await withSnapshot(await createStorage());
      await save(log, snapshot(3, 1));
      await save(log, { ...snapshot(4, 2), data: Uint8Array.of(1) });
      expect(await read(log)).toEqual(snapshot(4, 2));
    });

    it.each([
      ['behind the end of the log', 7, 2],
      ['of another term', 5, 1],
    ])('a snapshot %s is refused', async (_, index, term) => {
      const log = await withSnapshot(await createStorage());
      await expect(save(log, snapshot(index, term))).rejects.toMatchObject({
        code: 'InvalidArgument',
      });
      expect(snapshotTrace(log)).toBe('2.4');
    });

    it('a commit index that was only a hint is found at the snapshot at least', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append({ ...batch(1, 6, 1), hardState: hardState(1, 'a') });
      await save(log, snapshot(4, 1));
      expect((await reopened(storage, log)).hardState()).toEqual(hardState(1, 'a', 4));
    });

    it.each([1, 3, 4])('compaction through %i drops up to there, for good', async (through) => {
      const storage = await createStorage();
      let log = await withSnapshot(storage);
      await log.compact(at(through));
      const kept = ['1.1', '1.2', '1.3', '2.4', '2.5', '2.6'].slice(through).join(' ');
      for (let round = 0; round < 2; round++) {
        expect(log.firstIndex()).toBe(through + 1);
        expect(log.lastIndex()).toBe(6);
        expect(log.term(at(through))).toBe(through > 3 ? 2 : 1);
        expect(log.term(at(through - 1))).toBeUndefined();
        expect(() => log.entries(at(through), at(6), Infinity)).toThrow(RangeError);
        expect(trace(log)).toBe(kept);
        log = await reopened(storage, log);
      }
      await log.append(batch(7, 7, 3));
      expect(trace(await reopened(storage, log))).toBe(`${kept} 3.7`);
    });

    it('a log that was compacted as a whole is empty, keeps its place and goes on', async () => {
      const storage = await createStorage();
      let log = await withSnapshot(storage);
      await save(log, snapshot(6, 2));
      await log.compact(at(6));
      for (let round = 0; round < 2; round++) {
        expect([log.firstIndex(), log.lastIndex(), log.term(at(6))]).toEqual([7, 6, 2]);
        expect(log.entries(at(7), at(7), Infinity)).toEqual([]);
        log = await reopened(storage, log);
      }
      await expect(log.append(batch(7, 7, 1))).rejects.toMatchObject({ code: 'InvalidArgument' });
      await log.append(batch(7, 8, 2));
      expect(trace(await reopened(storage, log))).toBe('2.7 2.8');
    });

    it('compaction of what is dropped already changes nothing', async () => {
      const log = await withSnapshot(await createStorage());
      await log.compact(at(3));
      await log.compact(at(3));
      await log.compact(at(0));
      expect(log.firstIndex()).toBe(4);
    });

    it('compaction beyond the newest snapshot is refused', async () => {
      const log = await withSnapshot(await createStorage());
      await expect(log.compact(at(5))).rejects.toMatchObject({ code: 'InvalidArgument' });
      expect(log.firstIndex()).toBe(1);
    });

    it('what a snapshot covers is not written again', async () => {
      const log = await withSnapshot(await createStorage());
      await expect(log.append(batch(4, 4, 3))).rejects.toMatchObject({ code: 'InvalidArgument' });
      await log.append(batch(5, 5, 3));
      expect(trace(log)).toBe('1.1 1.2 1.3 2.4 3.5');
    });

    it('chunks that fail leave all as it was', async () => {
      const log = await withSnapshot(await createStorage());
      const { data, ...place } = snapshot(6, 2);
      const failing = async function* () {
        yield data;
        throw new RangeError('no more');
      };
      await expect(log.saveSnapshot(place, failing())).rejects.toThrow(RangeError);
      expect(await read(log)).toEqual(snapshot(4, 2));
      await save(log, snapshot(6, 2));
      expect(await read(log)).toEqual(snapshot(6, 2));
    });

    it('a snapshot that is read can be read to its end, whatever newer ones come, and from anywhere', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append(batch(1, 9, 1));
      const whole = snapshot(1, 1, 1_000_000);
      await save(log, whole);
      const stored = await log.readSnapshot();
      expect(stored).toMatchObject(descriptionOf(whole));
      for (const index of [3, 5, 7]) await save(log, snapshot(index, 1));
      for (const from of [0, 1, 700_001, 1_000_000]) {
        const pieces: Uint8Array[] = [];
        for await (const piece of stored!.chunks(from)) pieces.push(piece);
        expect(Buffer.concat(pieces).equals(whole.data.subarray(from))).toBe(true);
      }
      await stored!.close();
      await expect(stored!.chunks()[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'Unavailable',
      });
    });

    it('a closed log saves, reads and compacts no more', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append(batch(1, 2, 1));
      const saved = save(log, snapshot(2, 1));
      const closed = log.close();
      for (const call of [save(log, snapshot(2, 1)), read(log), log.compact(at(1))]) {
        await expect(call).rejects.toMatchObject({ code: 'Unavailable' });
      }
      await saved;
      await closed;
      expect(snapshotTrace(await reopened(storage, log))).toBe('1.2');
    });
  });
}
