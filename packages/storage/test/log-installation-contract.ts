import { describe, expect, it } from 'vitest';
import type { Storage } from '../src/storage.js';
import { at, batch, entries, entry, hardState, trace } from './support/entries.js';
import { openedLogs } from './support/opened-logs.js';
import {
  descriptionOf,
  install,
  metadata,
  read,
  receive,
  save,
  snapshot,
  type WholeBatch,
  withoutData,
} from './support/snapshots.js';

/** The part of `logStoreContract` that is about a leader's snapshots: how they come, and take the place of entries. */
export function logInstallationContract(name: string, createStorage: () => Storage | Promise<Storage>): void {
  describe(`log store contract, installation: ${name}`, () => {
    const { openLog, reopened, withSnapshot } = openedLogs();

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
  });
}
