import type { LogStore } from '@decoraft/raft';
import { afterEach, describe, expect, it } from 'vitest';
import type { Storage } from '../src/storage.js';
import { at, batch, entries, entry, hardState, NODE_A, trace } from './support/entries.js';
import {
  descriptionOf,
  install,
  metadata,
  read,
  receive,
  save,
  snapshot,
  snapshotTrace,
  type WholeBatch,
  withoutData,
} from './support/snapshots.js';

/** The part of `logStoreContract` that is about snapshots and compaction. */
export function logSnapshotContract(name: string, createStorage: () => Storage | Promise<Storage>): void {
  describe(`log store contract, snapshots: ${name}`, () => {
    const open = new Set<LogStore>();

    async function openLog(storage: Storage): Promise<LogStore> {
      const log = await storage.open({ nodeId: NODE_A });
      open.add(log);
      return log;
    }

    async function reopened(storage: Storage, log: LogStore): Promise<LogStore> {
      await log.close();
      open.delete(log);
      return openLog(storage);
    }

    /** Entries 1 to 6, of terms 1 and 2, and a snapshot at 4. */
    async function withSnapshot(storage: Storage): Promise<LogStore> {
      const log = await openLog(storage);
      await log.append({
        entries: [...entries(1, 3, 1), ...entries(4, 6, 2)],
        hardState: hardState(2, 'a', 4),
      });
      await save(log, snapshot(4, 2));
      return log;
    }

    afterEach(async () => {
      for (const log of open) await log.close();
      open.clear();
    });

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

    it.each<[string, WholeBatch, string, number]>([
      ['ahead of the log replaces all of it', { snapshot: snapshot(9, 3), entries: [] }, '', 9],
      ['of another term replaces all of it', { snapshot: snapshot(5, 3), entries: [] }, '', 5],
      ['that the log has replaces it up to there', { snapshot: snapshot(5, 2), entries: [] }, '2.6', 6],
      ['brings entries', { snapshot: snapshot(9, 3), entries: entries(10, 11, 4) }, '4.10 4.11', 11],
      ['of another term brings entries', { snapshot: snapshot(5, 3), entries: entries(6, 6, 3) }, '3.6', 6],
      [
        'that the log has brings entries',
        { snapshot: snapshot(5, 2), entries: entries(6, 7, 3) },
        '3.6 3.7',
        7,
      ],
      ['that the log ends with empties it', { snapshot: snapshot(6, 2), entries: [] }, '', 6],
    ])("a leader's snapshot %s, in one step", async (_, installation, expected, last) => {
      const storage = await createStorage();
      let log = await withSnapshot(storage);
      const installed = installation.snapshot ?? snapshot(0, 0);
      await receive(log, installed);
      const state = hardState(4, 'b', installed.index);
      const durable = log.append({ ...withoutData(installation), hardState: state });
      for (let round = 0; round < 3; round++) {
        expect(trace(log)).toBe(expected);
        expect([log.firstIndex(), log.lastIndex()]).toEqual([installed.index + 1, last]);
        expect(log.term(installed.index)).toBe(installed.term);
        expect(log.snapshot()).toEqual(metadata(installed.index, installed.term));
        expect(log.hardState()).toEqual(hardState(4, 'b', installed.index));
        expect(await read(log)).toEqual(installed);
        await durable;
        if (round > 0) log = await reopened(storage, log);
      }
    });

    it('a fresh log takes a snapshot from a leader', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await install(log, {
        snapshot: snapshot(100, 7),
        entries: entries(101, 101, 7),
        hardState: hardState(7),
      });
      const again = await reopened(storage, log);
      expect(trace(again)).toBe('7.101');
      expect(again.hardState()).toEqual(hardState(7, '', 100));
    });

    it('installation keeps its place among the appends around it', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await receive(log, snapshot(9, 2));
      await receive(log, snapshot(11, 3));
      await Promise.all([
        log.append(batch(1, 5, 1)),
        log.append({ snapshot: metadata(9, 2), entries: entries(10, 10, 2) }),
        log.append(batch(10, 12, 3)),
        log.append({ snapshot: metadata(11, 3), entries: [] }),
        log.append(batch(13, 13, 3)),
      ]);
      expect(trace(log)).toBe('3.12 3.13');
      const again = await reopened(storage, log);
      expect(trace(again)).toBe('3.12 3.13');
      expect(await read(again)).toEqual(snapshot(11, 3));
    });

    it.each<[string, WholeBatch]>([
      ['is of index 0', { snapshot: snapshot(0, 0), entries: [] }],
      ['is older than the newest', { snapshot: snapshot(3, 1), entries: [] }],
      ['is another than the newest at its index', { snapshot: snapshot(4, 3), entries: [] }],
      ['leaves a gap before its entries', { snapshot: snapshot(9, 3), entries: [entry(11, 3)] }],
      ['covers its entries', { snapshot: snapshot(9, 3), entries: [entry(9, 3)] }],
      ['is followed by an older term', { snapshot: snapshot(9, 3), entries: [entry(10, 2)] }],
    ])("a leader's snapshot that %s is refused and changes nothing", async (_, installation) => {
      const storage = await createStorage();
      const log = await withSnapshot(storage);
      await expect(install(log, installation)).rejects.toMatchObject({ code: 'InvalidArgument' });
      const again = await reopened(storage, log);
      expect(trace(again)).toBe('1.1 1.2 1.3 2.4 2.5 2.6');
      expect(await read(again)).toEqual(snapshot(4, 2));
    });

    it('the newest snapshot may come from the leader again', async () => {
      const log = await withSnapshot(await createStorage());
      await install(log, { snapshot: snapshot(4, 2), entries: [] });
      expect(trace(log)).toBe('2.5 2.6');
    });

    it('a snapshot of its own that a leader overtakes is not kept', async () => {
      const log = await withSnapshot(await createStorage());
      const saved = save(log, snapshot(6, 2));
      await install(log, { snapshot: snapshot(9, 3), entries: [] });
      await saved;
      expect(await read(log)).toEqual(snapshot(9, 3));
    });

    it('a snapshot that comes in pieces goes on where it was left, also after opening again', async () => {
      const storage = await createStorage();
      let log = await withSnapshot(storage);
      const whole = snapshot(9, 3, 10_000);
      const description = descriptionOf(whole);
      await (await log.receiveSnapshot(description)).write(whole.data.slice(0, 4_000));
      for (let round = 0; round < 2; round++) {
        const incoming = await log.receiveSnapshot(description);
        expect(incoming.receivedBytes).toBe(4_000 + round * 3_000);
        await incoming.write(whole.data.slice(incoming.receivedBytes, incoming.receivedBytes + 3_000));
        expect(log.snapshot()).toEqual(metadata(4, 2));
        log = await reopened(storage, log);
      }
      expect((await log.receiveSnapshot(description)).receivedBytes).toBe(10_000);
      await install(log, { snapshot: whole, entries: [] });
      expect(await read(await reopened(storage, log))).toEqual(whole);
    });

    it('a snapshot of another place, size or checksum takes the place of the one that was coming', async () => {
      const log = await withSnapshot(await createStorage());
      const whole = snapshot(9, 3, 1_000);
      const one = descriptionOf(whole);
      for (const other of [
        { ...one, index: at(10) },
        { ...one, term: metadata(9, 4).term },
        { ...one, dataBytes: 2_000 },
        { ...one, checksum: 1 },
      ]) {
        const first = await log.receiveSnapshot(one);
        await first.write(whole.data.slice(0, 10));
        expect((await log.receiveSnapshot(other)).receivedBytes).toBe(0);
        await expect(first.write(whole.data)).rejects.toMatchObject({ code: 'Unavailable' });
        expect((await log.receiveSnapshot(one)).receivedBytes).toBe(0);
      }
    });

    it('a snapshot that was damaged on its way is not installed, and comes again from its first byte', async () => {
      const log = await withSnapshot(await createStorage());
      const whole = snapshot(9, 3, 5_000);
      const incoming = await log.receiveSnapshot(descriptionOf(whole));
      await incoming.write(whole.data.with(2_000, 1));
      expect(await incoming.finish()).toBe(false);
      expect(incoming.receivedBytes).toBe(0);
      const installation = { snapshot: metadata(9, 3), entries: [] };
      await expect(log.append(installation)).rejects.toMatchObject({ code: 'InvalidArgument' });
      await install(log, { snapshot: whole, entries: [] });
      expect(await read(log)).toEqual(whole);
    });

    it('a snapshot takes no more than it said', async () => {
      const log = await withSnapshot(await createStorage());
      const incoming = await log.receiveSnapshot(descriptionOf(snapshot(9, 3, 10)));
      await expect(incoming.write(new Uint8Array(11))).rejects.toMatchObject({ code: 'InvalidArgument' });
      expect(incoming.receivedBytes).toBe(0);
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
