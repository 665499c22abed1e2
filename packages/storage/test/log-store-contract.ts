import type { NodeId } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import type { Storage } from '../src/storage.js';
import { logInstallationContract } from './log-installation-contract.js';
import { logSnapshotContract } from './log-snapshot-contract.js';
import { allEntries, at, batch, entries, entry, hardState, NODE_A, trace } from './support/entries.js';
import { openedLogs } from './support/opened-logs.js';

/**
 * What every log store must do. `createStorage` gives a fresh storage at every call, which keeps its content while
 * its log is closed and opened again.
 */
export function logStoreContract(name: string, createStorage: () => Storage | Promise<Storage>): void {
  logSnapshotContract(name, createStorage);
  logInstallationContract(name, createStorage);
  describe(`log store contract: ${name}`, () => {
    const { openLog, reopened } = openedLogs();

    it('a fresh log is empty and in its zero state', async () => {
      const log = await openLog(await createStorage());
      expect(log.firstIndex()).toBe(1);
      expect(log.lastIndex()).toBe(0);
      expect(log.term(at(0))).toBe(0);
      expect(log.term(at(1))).toBeUndefined();
      expect(log.entries(at(1), at(1), Infinity)).toEqual([]);
      expect(log.hardState()).toEqual(hardState(0));
    });

    it('an append is shown when the call returns', async () => {
      const log = await openLog(await createStorage());
      const durable = log.append({ entries: entries(1, 3, 1), hardState: hardState(1, 'b') });
      expect(trace(log)).toBe('1.1 1.2 1.3');
      expect(log.hardState()).toEqual(hardState(1, 'b'));
      await durable;
    });

    it('what was appended is there after closing and opening', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      const configuration = { ...entry(2, 1, new Uint8Array([0, 255])), kind: 'configuration' as const };
      const empty = entry(3, 2, new Uint8Array());
      await log.append({ entries: [entry(1, 1), configuration, empty], hardState: hardState(2, 'ü', 1) });
      const again = await reopened(storage, log);
      expect(allEntries(again)).toEqual([entry(1, 1), configuration, empty]);
      expect(again.hardState()).toEqual(hardState(2, 'ü', 1));
      expect(again.term(at(3))).toBe(2);
    });

    it('an append at or below the last index replaces from there on, for good', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append(batch(1, 5, 1));
      await log.append(batch(3, 3, 2));
      expect(trace(log)).toBe('1.1 1.2 2.3');
      expect(log.term(at(4))).toBeUndefined();
      const again = await reopened(storage, log);
      expect(trace(again)).toBe('1.1 1.2 2.3');
      await again.append(batch(4, 4, 2));
      expect(trace(await reopened(storage, again))).toBe('1.1 1.2 2.3 2.4');
    });

    it('a batch may hold entries of two terms, and replace others with them', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append({ entries: [...entries(1, 2, 1), ...entries(3, 4, 2)] });
      await log.append({ entries: [...entries(2, 2, 3), ...entries(3, 3, 5)], hardState: hardState(5) });
      expect(trace(await reopened(storage, log))).toBe('1.1 3.2 5.3');
    });

    it('the term of every entry is known, however terms and replaced entries meet', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append({ entries: [...entries(1, 3, 1), ...entries(4, 4, 2)] });
      await log.append(batch(3, 3, 2));
      await log.append({ entries: [...entries(4, 5, 2), ...entries(6, 8, 4)] });
      await log.append(batch(7, 7, 5));
      const expected = [1, 1, 2, 2, 2, 4, 5, undefined];
      expect([1, 2, 3, 4, 5, 6, 7, 8].map((index) => log.term(at(index)))).toEqual(expected);
      const again = await reopened(storage, log);
      expect([1, 2, 3, 4, 5, 6, 7, 8].map((index) => again.term(at(index)))).toEqual(expected);
      expect(allEntries(again).map(({ term }) => term)).toEqual(expected.slice(0, 7));
    });

    it('many hard states alone are as durable as entries', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      for (let term = 1; term <= 200; term++)
        await log.append({ entries: [], hardState: hardState(term, 'n') });
      const again = await reopened(storage, log);
      expect(again.hardState()).toEqual(hardState(200, 'n'));
      expect(again.lastIndex()).toBe(0);
    });

    it('the whole log can be replaced', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append(batch(1, 5, 1));
      await log.append(batch(1, 2, 3));
      expect(trace(await reopened(storage, log))).toBe('3.1 3.2');
    });

    it('a hard state goes alone, and the last one stays', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append({ entries: [], hardState: hardState(1, 'a') });
      await log.append({ entries: [], hardState: hardState(2) });
      expect((await reopened(storage, log)).hardState()).toEqual(hardState(2));
    });

    it('a commit index that goes alone is there after closing', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append({ ...batch(1, 4, 1), hardState: hardState(1, 'a', 0) });
      await log.append({ entries: [], hardState: hardState(1, 'a', 4) });
      expect((await reopened(storage, log)).hardState()).toEqual(hardState(1, 'a', 4));
    });

    it('promises resolve in the order of the calls', async () => {
      const log = await openLog(await createStorage());
      const order: number[] = [];
      const calls = [1, 2, 3, 4, 5, 6].map(async (index) => {
        const isHint = index === 4;
        await log.append(isHint ? { entries: [] } : batch(index > 4 ? index - 1 : index, index, 1));
        order.push(index);
      });
      await Promise.all(calls);
      expect(order).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('an empty batch resolves', async () => {
      const log = await openLog(await createStorage());
      await log.append({ entries: [] });
      expect(log.lastIndex()).toBe(0);
    });

    it.each([
      { limit: 0, count: 1 },
      { limit: 9, count: 1 },
      { limit: 10, count: 1 },
      { limit: 29, count: 2 },
      { limit: 30, count: 3 },
      { limit: Infinity, count: 4 },
    ])('entries of 10 bytes within $limit bytes are $count', async ({ limit, count }) => {
      const log = await openLog(await createStorage());
      await log.append(batch(1, 5, 1, 10));
      expect(log.entries(at(1), at(5), limit)).toEqual(entries(1, count, 1, 10));
    });

    it.each([
      [0, 1],
      [1, 5],
      [3, 2],
      [5, 5],
    ])('entries [%i, %i) of a log of three are a RangeError', async (from, to) => {
      const log = await openLog(await createStorage());
      await log.append(batch(1, 3, 1));
      expect(() => log.entries(at(from), at(to), Infinity)).toThrow(RangeError);
      expect(log.entries(at(4), at(4), Infinity)).toEqual([]);
    });

    it.each([
      ['leaves a gap', batch(5, 5, 1)],
      ['begins at index 0', batch(0, 1, 1)],
      ['has a gap within', { entries: [entry(4, 1), entry(6, 1)] }],
      ['goes back in terms', batch(4, 4, 0)],
      ['goes back in the term of the hard state', { entries: [], hardState: hardState(0, 'a') }],
    ])('a batch that %s is refused and changes nothing', async (_, refused) => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await log.append({ ...batch(1, 3, 1), hardState: hardState(1) });
      await expect(log.append(refused)).rejects.toMatchObject({ code: 'InvalidArgument' });
      expect(trace(log)).toBe('1.1 1.2 1.3');
      await log.append(batch(4, 4, 1));
      expect(trace(await reopened(storage, log))).toBe('1.1 1.2 1.3 1.4');
    });

    it('close waits for what was appended, and later appends are refused', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      const durable = log.append(batch(1, 1, 1));
      const closed = log.close();
      await expect(log.append(batch(2, 2, 1))).rejects.toMatchObject({ code: 'Unavailable' });
      await durable;
      await closed;
      await log.close();
      expect(trace(await reopened(storage, log))).toBe('1.1');
    });

    it('a log that is open cannot be opened again', async () => {
      const storage = await createStorage();
      const log = await openLog(storage);
      await expect(storage.open({ nodeId: NODE_A })).rejects.toMatchObject({ code: 'Unavailable' });
      await reopened(storage, log);
    });

    it('the log of one node is not opened as that of another, nor in another cluster', async () => {
      const storage = await createStorage();
      await (await storage.open({ nodeId: NODE_A, clusterId: 'first' })).close();
      await expect(storage.open({ nodeId: 'b' as NodeId })).rejects.toMatchObject({
        code: 'InvalidArgument',
        message: expect.stringMatching(/'a'.*'b'/) as unknown,
      });
      await expect(storage.open({ nodeId: NODE_A, clusterId: 'second' })).rejects.toMatchObject({
        code: 'ClusterMismatch',
      });
      await expect(storage.open({ nodeId: '' as NodeId })).rejects.toMatchObject({ code: 'InvalidArgument' });
      await openLog(storage);
    });
  });
}
