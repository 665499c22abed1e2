import type { AppendBatch, Entry, HardState } from '@decoraft/raft';
import { expect } from 'vitest';
import type { LogBeginning } from '../../src/log-change.js';
import type { SimulatedDisk } from '../../src/simulated-disk.js';
import type { MeasuredLogStore } from '../../src/storage.js';
import { openOn, type Sizes } from './durable.js';
import { allEntries, at as index, hardState } from './entries.js';
import {
  metadata,
  read,
  receive,
  save,
  type Snapshot,
  snapshot,
  type WholeBatch,
  withoutData,
} from './snapshots.js';

/** What a log is, said as simply as can be: one state after every append. */
export interface State {
  readonly beginning: LogBeginning;
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
}

const EMPTY: State = { beginning: metadata(0, 0), entries: [], hardState: hardState(0) };

/** The log under test beside all states that it went through since what was last known to be durable. */
export class LogTwin {
  readonly disk: SimulatedDisk;
  #log: MeasuredLogStore;
  /** The first is durable; the last is what the log shows. */
  #states: State[] = [EMPTY];
  #pending: Promise<void>[] = [];
  /** Of calls since the log was opened. */
  #failures: unknown[] = [];
  /** All snapshots that were ever to be kept, as `index-term`. */
  readonly #snapshots = new Set<string>();
  /** The index up to which a snapshot is durable. */
  #covered = 0;
  /** The index up to which this node has applied: what it took snapshots of, or got from a leader. */
  #applied = 0;
  readonly #sizes: Sizes;

  /** @param sizes With which the log was opened, and is opened again. */
  constructor(disk: SimulatedDisk, log: MeasuredLogStore, sizes: Sizes = {}) {
    this.disk = disk;
    this.#sizes = sizes;
    this.#log = log;
  }

  get shown(): State {
    return this.#states.at(-1) ?? EMPTY;
  }

  get lastIndex(): number {
    return this.shown.beginning.index + this.shown.entries.length;
  }

  /** What is committed, applied or dropped is never replaced (§5.4.3). */
  get settledIndex(): number {
    return Math.max(this.shown.hardState.commit, this.shown.beginning.index, this.#applied);
  }

  /** The index of the newest snapshot that the log shows; 0 without one. */
  get snapshotIndex(): number {
    return this.#log.snapshot()?.index ?? 0;
  }

  term(at: number): number {
    return termIn(this.shown, at) ?? 0;
  }

  /** Takes in what the batch installs, and appends it if that could be done. */
  async install(batch: WholeBatch): Promise<void> {
    if (!batch.snapshot) return this.append(batch);
    this.#note(batch.snapshot);
    try {
      await receive(this.#log, batch.snapshot);
    } catch (error) {
      // A snapshot of its own overtook the leader's, which is received no more: nothing is missing.
      if (this.snapshotIndex < batch.snapshot.index) this.#failures.push(error);
      return;
    }
    this.append(withoutData(batch));
  }

  append(batch: AppendBatch): void {
    const { snapshot: installed } = batch;
    this.#change(stateAfter(this.shown, batch), this.#log.append(batch), installed?.index ?? 0);
  }

  compact(through: number): void {
    const { beginning, entries, hardState: state } = this.shown;
    if (through <= beginning.index) return;
    const kept = entries.filter((entry) => entry.index > through);
    const after = { beginning: metadata(through, this.term(through)), entries: kept, hardState: state };
    this.#change(after, this.#log.compact(index(through)), 0);
  }

  save(at: number): void {
    const taken = snapshotAt(at, this.term(at));
    this.#note(taken);
    this.#watch(save(this.#log, taken), () => (this.#covered = Math.max(this.#covered, at)));
  }

  /** Waits for all calls, which must succeed. */
  async settle(): Promise<void> {
    await this.wait();
    expect(this.#failures).toEqual([]);
  }

  /** Waits for all calls, however they end. */
  async wait(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  check(): void {
    expect(allEntries(this.#log)).toEqual(this.shown.entries);
    expect(this.#log.firstIndex()).toBe(this.shown.beginning.index + 1);
    this.#checkSnapshot();
  }

  /** What is there afterwards is one of the states that were shown since the last durable one, whole. */
  async open(): Promise<void> {
    await this.wait();
    await this.#open(this.#states);
  }

  /** What is there afterwards is what was shown last. */
  async reopen(): Promise<void> {
    await this.#log.close();
    await this.settle();
    await this.#open([this.shown]);
  }

  async #open(candidates: readonly State[]): Promise<void> {
    this.#log = await openOn(this.disk, undefined, this.#sizes);
    this.#failures = [];
    const first = this.#log.firstIndex();
    const found: State = {
      beginning: metadata(first - 1, this.#log.term(index(first - 1)) ?? 0),
      entries: allEntries(this.#log),
      hardState: this.#log.hardState(),
    };
    expect(candidates.filter((state) => isSame(state, found, this.snapshotIndex))).not.toEqual([]);
    this.#states = [found];
    this.#checkSnapshot();
    expect(found.hardState.commit).toBeGreaterThanOrEqual(this.snapshotIndex);
    await this.#checkData();
    this.#applied = this.snapshotIndex;
  }

  #note({ index: place, term }: Snapshot): void {
    this.#snapshots.add(`${place}-${term}`);
    this.#applied = Math.max(this.#applied, place);
  }

  #change(after: State, done: Promise<void>, covered: number): void {
    this.#states.push(after);
    this.#watch(done, () => {
      this.#states.splice(0, Math.max(0, this.#states.indexOf(after)));
      this.#covered = Math.max(this.#covered, covered);
    });
  }

  #watch(done: Promise<void>, onDone: () => void): void {
    this.#pending.push(
      done.then(onDone, (error: unknown) => {
        this.#failures.push(error);
      }),
    );
  }

  /** Snapshot and entries cover the log from index 1 on, and what was durable is. */
  #checkSnapshot(): void {
    const newest = this.#log.snapshot();
    const covered = newest?.index ?? 0;
    expect(covered).toBeGreaterThanOrEqual(this.shown.beginning.index);
    expect(covered).toBeGreaterThanOrEqual(this.#covered);
    if (!newest) return;
    expect(this.#log.term(newest.index)).toBe(newest.term);
    expect(this.#snapshots).toContain(`${newest.index}-${newest.term}`);
  }

  async #checkData(): Promise<void> {
    const newest = this.#log.snapshot();
    const found = await read(this.#log);
    expect(found).toEqual(newest && snapshotAt(newest.index, newest.term));
  }
}

/** The snapshot of a place; its size differs from place to place. */
export function snapshotAt(at: number, term: number): Snapshot {
  return snapshot(at, term, (at * 397) % 3_000);
}

function stateAfter(before: State, { entries, hardState: state, snapshot: installed }: AppendBatch): State {
  let { beginning, entries: kept } = before;
  if (installed) {
    const isSuffixKept = termIn(before, installed.index) === installed.term;
    kept = isSuffixKept ? kept.filter((entry) => entry.index > installed.index) : [];
    beginning = metadata(installed.index, installed.term);
  }
  const first = entries[0]?.index ?? Infinity;
  return {
    beginning,
    entries: [...kept.filter((entry) => entry.index < first), ...entries],
    hardState: state ?? before.hardState,
  };
}

function termIn({ beginning, entries }: State, at: number): number | undefined {
  return at === beginning.index ? beginning.term : entries[at - 1 - beginning.index]?.term;
}

/** A commit index is a hint: an older one may be found, or that of a snapshot. */
function isSame(left: State, right: State, snapshotIndex: number): boolean {
  return (
    left.beginning.index === right.beginning.index &&
    left.beginning.term === right.beginning.term &&
    left.hardState.term === right.hardState.term &&
    left.hardState.vote === right.hardState.vote &&
    Math.max(left.hardState.commit, snapshotIndex) >= right.hardState.commit &&
    left.entries.length === right.entries.length &&
    left.entries.every((entry, place) => {
      const other: Entry | undefined = right.entries[place];
      return (
        other?.term === entry.term &&
        other.index === entry.index &&
        Buffer.compare(other.data, entry.data) === 0
      );
    })
  );
}
