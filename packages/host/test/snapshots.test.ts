import { createDeferred, silentLogger } from '@decoraft/base';
import { configurationOf, type Entry, type Index, type LogStore, nodeId, type Term } from '@decoraft/raft';
import { memoryStorage } from '@decoraft/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GroupView } from '../src/group-view.js';
import { DEFAULT_SETTINGS, type HostSettings } from '../src/ports.js';
import { Snapshots } from '../src/snapshots.js';

const CONFIGURATION = configurationOf({ voters: [nodeId('a')] });
const TERM = 1 as Term;

let log: LogStore;
let applied: number;
let closed: number[];
let oldestSent: number | undefined;
let fatal: unknown[];
/** Waited for before the chunk of every view. */
let gate: Promise<void>;

beforeEach(async () => {
  log = await memoryStorage().open({ nodeId: nodeId('a') });
  [applied, closed, oldestSent, fatal, gate] = [0, [], undefined, [], Promise.resolve()];
});

function viewAt(index: number): GroupView {
  const view = {
    metadata: { index: index as Index, term: TERM, configuration: CONFIGURATION },
    async *chunks() {
      await gate;
      yield Uint8Array.of(index);
    },
    close: () => closed.push(index),
  };
  return view as unknown as GroupView;
}

function snapshotsWith(settings: Partial<HostSettings>): Snapshots {
  const snapshots = new Snapshots({
    log,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    logger: silentLogger,
    giveWay: () => Promise.resolve(),
    applied: () => applied,
    view: () => (applied > 0 ? viewAt(applied) : undefined),
    checked: () => Promise.resolve(undefined),
    oldestSent: () => oldestSent,
    onFatal: (error) => fatal.push(error),
  });
  snapshots.setMembers(['a']);
  return snapshots;
}

async function apply(snapshots: Snapshots, count: number, bytes = 1): Promise<void> {
  for (let left = count; left > 0; left--) {
    applied += 1;
    const entry: Entry = { index: applied as Index, term: TERM, kind: 'normal', data: new Uint8Array(bytes) };
    await log.append({ entries: [entry] });
    snapshots.applied(bytes);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
  }
}

describe('a snapshot is due', () => {
  it('after so many entries', async () => {
    const snapshots = snapshotsWith({ snapshotEntries: 10, snapshotTailEntries: 3 });
    await apply(snapshots, 9);
    expect(log.snapshot()).toBeUndefined();
    await apply(snapshots, 1);
    expect(log.snapshot()?.index).toBe(10);
    expect(log.firstIndex()).toBe(8);
    await apply(snapshots, 10);
    expect(log.snapshot()?.index).toBe(20);
  });

  it('at once behind an entry that no start is to begin before, and once', async () => {
    const snapshots = snapshotsWith({ snapshotEntries: 1_000 });
    await apply(snapshots, 3);
    snapshots.mustCover(3);
    await apply(snapshots, 1);
    expect(log.snapshot()?.index).toBe(4);
    await apply(snapshots, 3);
    expect(log.snapshot()?.index).toBe(4);
  });

  it('after so many bytes, with a tail of no more than half as many', async () => {
    const snapshots = snapshotsWith({ snapshotBytes: 6_400, snapshotTailEntries: 1_000 });
    await apply(snapshots, 63, 100);
    expect(log.snapshot()).toBeUndefined();
    await apply(snapshots, 1, 100);
    expect(log.snapshot()?.index).toBe(64);
    expect(log.firstIndex()).toBe(33);
  });

  it('one at a time, whatever was applied meanwhile', async () => {
    const snapshots = snapshotsWith({ snapshotEntries: 10, snapshotTailEntries: 3 });
    const opened = createDeferred<void>();
    gate = opened.promise;
    await apply(snapshots, 25);
    expect(log.snapshot()).toBeUndefined();
    opened.resolve();
    await apply(snapshots, 1);
    expect(closed[0]).toBe(10);
    expect(log.snapshot()?.index).toBe(26);
  });
});

describe('a snapshot that is given up', () => {
  it('leaves nothing behind, and the next one is taken', async () => {
    const snapshots = snapshotsWith({ snapshotEntries: 10 });
    const opened = createDeferred<void>();
    gate = opened.promise;
    await apply(snapshots, 10);
    const cancelled = snapshots.cancel();
    opened.resolve();
    await cancelled;
    expect([closed, log.snapshot(), fatal]).toEqual([[10], undefined, []]);
    await apply(snapshots, 1);
    expect(log.snapshot()?.index).toBe(11);
  });
});

describe('the entries behind a snapshot that is being sent', () => {
  it('stay, but not for ever', async () => {
    const snapshots = snapshotsWith({ snapshotEntries: 10, snapshotTailEntries: 3 });
    await apply(snapshots, 10);
    oldestSent = 10;
    await apply(snapshots, 30);
    expect([log.snapshot()?.index, log.firstIndex()]).toEqual([40, 11]);
    await apply(snapshots, 20);
    expect([log.snapshot()?.index, log.firstIndex()]).toEqual([60, 21]);
    oldestSent = undefined;
    await apply(snapshots, 10);
    expect(log.firstIndex()).toBe(68);
  });
});
