import { InvariantViolation, seededRandom } from '@decoraft/base';
import { describe, expect, test } from 'vitest';
import { type Entry, index, term } from '../src/index.js';
import { RaftLog } from '../src/log.js';
import { bytes } from './support/cluster.js';
import { EMPTY_DISK, MemoryLog } from './support/memory-log.js';

const entry = (at: number, inTerm: number, data = ''): Entry => ({
  index: index(at),
  term: term(inTerm),
  kind: 'normal',
  data: bytes(data),
});

/** The entries of a log, given by their terms. */
const entriesOf = (...terms: readonly number[]): readonly Entry[] =>
  terms.map((one, at) => entry(at + 1, one));

interface Opened {
  readonly store: MemoryLog;
  readonly log: RaftLog;
}

function open(entries: readonly Entry[] = [], committed = 0, maxCommittedBytes = 1e6): Opened {
  const store = new MemoryLog({ ...EMPTY_DISK, entries });
  const start = { committed: index(committed), applied: index(0), maxCommittedBytes };
  return { store, log: new RaftLog({ store, ...start }) };
}

function write({ log, store }: Opened): void {
  store.append({ entries: log.beginWrite().entries });
}

function finish({ log, store }: Opened): void {
  store.flush();
  log.endWrite();
}

const indexesOf = (entries: readonly Entry[]): readonly number[] => entries.map((one) => one.index);

describe('the tail', () => {
  test('is given to one write each, and is durable when that is', () => {
    const opened = open();
    const { log } = opened;
    log.append(entry(1, 1));
    expect(log.hasUnwritten).toBe(true);
    write(opened);
    expect(log.hasUnwritten).toBe(false);
    log.append(entry(2, 1));
    expect(indexesOf(log.beginWrite().entries)).toEqual([2]);
    expect(log.durableIndex).toBe(0);
    log.endWrite();
    expect(log.durableIndex).toBe(1);
    log.endWrite();
    expect(log.durableIndex).toBe(2);
  });

  test('is read together with the durable part, within the limit of bytes, and at least one entry', () => {
    const { log } = open([entry(1, 1, 'aa'), entry(2, 1, 'bb')]);
    log.append(entry(3, 1, 'cc'));
    log.append(entry(4, 1, 'dd'));
    expect(indexesOf(log.entries(1, 5, 1e6))).toEqual([1, 2, 3, 4]);
    expect(indexesOf(log.entries(2, 4, 1e6))).toEqual([2, 3]);
    expect(indexesOf(log.entries(1, 5, 6))).toEqual([1, 2, 3]);
    expect(indexesOf(log.entries(1, 5, 4))).toEqual([1, 2]);
    expect(indexesOf(log.entries(1, 5, 3))).toEqual([1]);
    expect(indexesOf(log.entries(1, 5, 1))).toEqual([1]);
    expect(indexesOf(log.entries(3, 5, 1))).toEqual([3]);
    expect(log.entries(5, 5, 1e6)).toEqual([]);
  });

  test('never shows what the store still has behind a truncation', () => {
    const opened = open(entriesOf(1, 1, 1, 1));
    const { log } = opened;
    log.merge([entry(2, 2)]);
    expect(log.lastIndex).toBe(2);
    expect(log.term(index(3))).toBeUndefined();
    expect(log.entries(1, 3, 1e6).map((one) => one.term)).toEqual([1, 2]);
    expect(log.durableIndex).toBe(1);
  });

  test('keeps what matches when a request is repeated (C12)', () => {
    const { log } = open();
    log.merge(entriesOf(1, 1, 2));
    log.merge(entriesOf(1, 1));
    log.merge([]);
    expect(log.lastIndex).toBe(3);
    log.merge([entry(3, 2), entry(4, 2)]);
    expect(log.lastIndex).toBe(4);
  });

  test('is never cut at or below the commit index: that stops the server (C13)', () => {
    const { log } = open(entriesOf(1, 1, 1), 2);
    expect(() => log.merge([entry(2, 2)])).toThrow(InvariantViolation);
    log.merge([entry(3, 2)]);
    expect(log.lastIndex).toBe(3);
  });
});

describe('a write under way', () => {
  test('counts up to where nothing was replaced meanwhile, even by equal entries (C15)', () => {
    const opened = open(entriesOf(1));
    const { log } = opened;
    log.merge([entry(2, 1), entry(3, 1)]);
    write(opened);
    log.merge([entry(3, 2)]);
    write(opened);
    log.merge([entry(3, 3)]);
    log.merge([entry(3, 4)]);
    write(opened);
    finish(opened);
    expect(log.durableIndex).toBe(2);
    finish(opened);
    expect(log.durableIndex).toBe(2);
    finish(opened);
    expect(log.durableIndex).toBe(3);
  });

  test('never counts more than what every later state of the disk keeps', () => {
    for (let seed = 1; seed <= 300; seed++) checkAgainstDisk(seed);
  });

  /** The naive twin: what all states through which the disk will go have in common with the log. */
  function checkAgainstDisk(seed: number): void {
    const random = seededRandom(seed);
    const upTo = (limit: number): number => Math.floor(random() * limit);
    const { log, store } = open();
    let shown: readonly Entry[] = [];
    let disks: (readonly Entry[])[] = [[]];
    for (let step = 0; step < 60; step++) {
      const chance = random();
      if (chance < 0.4) {
        const from = upTo(shown.length + 1);
        // Few terms, so that equal entries come back.
        const more = Array.from({ length: 1 + upTo(3) }, (_, at) => entry(from + 1 + at, 1 + upTo(2)));
        shown = mergeNaively(shown, more);
        log.merge(more);
      } else if (chance < 0.7) {
        const written = log.beginWrite().entries;
        store.append({ entries: written });
        const before = disks.at(-1) ?? [];
        const first = written[0];
        disks.push(first ? [...before.slice(0, first.index - 1), ...written] : before);
      } else if (disks.length > 1) {
        log.endWrite();
        disks = disks.slice(1);
      }
      const kept = Math.min(...disks.map((disk) => commonPrefix(disk, shown)));
      expect(log.durableIndex, `seed ${seed}, step ${step}`).toBeLessThanOrEqual(kept);
      expect(log.lastIndex).toBe(shown.length);
    }
    log.beginWrite();
    for (let left = disks.length; left > 0; left--) log.endWrite();
    expect(log.durableIndex).toBe(shown.length);
  }

  function mergeNaively(entries: readonly Entry[], more: readonly Entry[]): readonly Entry[] {
    const conflict = more.find((one) => entries[one.index - 1]?.term !== one.term);
    if (!conflict) return entries;
    return [...entries.slice(0, conflict.index - 1), ...more.filter((one) => one.index >= conflict.index)];
  }

  function commonPrefix(left: readonly Entry[], right: readonly Entry[]): number {
    let at = 0;
    while (at < left.length && at < right.length && left[at]?.term === right[at]?.term) at++;
    return at;
  }
});

describe('finding where logs agree', () => {
  const { log } = open(entriesOf(1, 1, 2, 2, 2, 5, 5));
  test.each([
    [
      { index: 7, term: 5 },
      { index: 7, term: 5 },
    ],
    [
      { index: 7, term: 4 },
      { index: 5, term: 2 },
    ],
    [
      { index: 6, term: 2 },
      { index: 5, term: 2 },
    ],
    [
      { index: 5, term: 1 },
      { index: 2, term: 1 },
    ],
    [
      { index: 9, term: 9 },
      { index: 7, term: 5 },
    ],
    [
      { index: 1, term: 0 },
      { index: 0, term: 0 },
    ],
    [
      { index: 0, term: 0 },
      { index: 0, term: 0 },
    ],
  ])('before %j it is %j', (position, expected) => {
    const { index: at, term: inTerm } = position;
    expect(log.findConflictByTerm({ index: index(at), term: term(inTerm) })).toEqual(expected);
  });
});

describe('being at least as new (§5.4.1)', () => {
  const { log } = open(entriesOf(1, 2, 3));
  test.each([
    [3, 3, true],
    [4, 3, true],
    [2, 3, false],
    [1, 4, true],
    [9, 2, false],
    [0, 0, false],
  ])('a log that ends at index %i in term %i: %s', (lastIndex, lastTerm, expected) => {
    expect(log.isUpToDate({ index: index(lastIndex), term: term(lastTerm) })).toBe(expected);
  });
});

describe('what is handed out to be applied', () => {
  test('is committed and durable, once, in order', () => {
    const opened = open(entriesOf(1, 1));
    const { log } = opened;
    log.merge([entry(3, 1), entry(4, 1)]);
    log.commitTo(index(3));
    expect(indexesOf(log.takeCommitted())).toEqual([1, 2]);
    expect(log.hasCommitted).toBe(false);
    write(opened);
    expect(log.takeCommitted()).toEqual([]);
    finish(opened);
    expect(indexesOf(log.takeCommitted())).toEqual([3]);
    expect(log.takeCommitted()).toEqual([]);
  });

  test('waits for room: no more than the limit is out and not applied', () => {
    const data = [1, 2, 3, 4, 5].map((at) => entry(at, 1, 'xx'));
    const { log } = open(data, 5, 4);
    expect(indexesOf(log.takeCommitted())).toEqual([1, 2]);
    expect(log.hasCommitted).toBe(false);
    log.appliedTo(index(1));
    expect(log.hasCommitted).toBe(false);
    log.appliedTo(index(2));
    expect(indexesOf(log.takeCommitted())).toEqual([3, 4]);
    log.appliedTo(index(4));
    expect(indexesOf(log.takeCommitted())).toEqual([5]);
  });

  test('one entry beyond the limit is handed out alone', () => {
    const { log } = open([entry(1, 1, 'long'), entry(2, 1, 'long')], 2, 1);
    expect(indexesOf(log.takeCommitted())).toEqual([1]);
    log.appliedTo(index(1));
    expect(indexesOf(log.takeCommitted())).toEqual([2]);
  });

  test('cannot be applied before, nor be taken back', () => {
    const { log } = open(entriesOf(1, 1), 2);
    expect(() => log.appliedTo(index(1))).toThrow(InvariantViolation);
    log.takeCommitted();
    log.appliedTo(index(2));
    expect(() => log.appliedTo(index(1))).toThrow(InvariantViolation);
  });
});

describe('the commit index', () => {
  test('never decreases, and never passes the end of the log', () => {
    const { log } = open(entriesOf(1, 1, 1), 2);
    log.commitTo(index(1));
    expect(log.committed).toBe(2);
    expect(() => log.commitTo(index(4))).toThrow(InvariantViolation);
  });

  test('beyond the end at the start means that the disk lost something: the server does not start', () => {
    expect(() => open(entriesOf(1), 2)).toThrow(InvariantViolation);
  });
});
