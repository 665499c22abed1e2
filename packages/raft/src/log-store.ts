import type { Configuration, Entry, HardState } from './entry.js';
import type { Index, Term } from './ids.js';

/** What a snapshot stands for: the log up to `index`, and the configuration there (§7). */
export interface SnapshotMetadata {
  readonly index: Index;
  readonly term: Term;
  /** As of `index`. */
  readonly configuration: Configuration;
}

export interface Snapshot extends SnapshotMetadata {
  /** The state machine's; opaque here. */
  readonly data: Uint8Array;
}

/**
 * What the core reads of the log that has been handed to storage. Synchronous and side-effect free; may be
 * called at any time, also while a write is under way, and shows the log as of the last `append` call.
 */
export interface LogReader {
  /** 1 on a log that was never compacted, else behind what was dropped; `lastIndex + 1` when it is empty. */
  firstIndex(): Index;
  /** 0 on an empty, never compacted log; where it was compacted when nothing is left behind that. */
  lastIndex(): Index;
  /**
   * The term of the entry at `index`. At `firstIndex() - 1`, the term at which the log was compacted; 0 for index 0 of
   * a log that was not. `undefined` outside of that.
   */
  term(index: Index): Term | undefined;
  /**
   * The entries from `from` up to, not including, `to`. At least one entry is given, however large; after
   * that, as many as fit into `maxBytes` of data. Throws a `RangeError` outside of the log.
   */
  entries(from: Index, to: Index, maxBytes: number): readonly Entry[];
  /** The newest durable snapshot, the one that a slow follower would be sent; `undefined` when there is none. */
  snapshot(): SnapshotMetadata | undefined;
}

/** One step of durable writing: snapshot, entries, then the hard state, together or not at all observable. */
export interface AppendBatch {
  /**
   * From a leader. Takes effect before the entries of the same batch: replaces all of the log up to its index, and
   * all of the log when that does not have its index and term.
   */
  readonly snapshot?: Snapshot;
  /** Consecutive. The first may be at or below `lastIndex`: then it and all behind it are replaced. */
  readonly entries: readonly Entry[];
  /** The new hard state, where it changed. */
  readonly hardState?: HardState;
}

/**
 * The durable log. Implementations must pass `logStoreContract` (packages/storage/test).
 *
 * Duties of `append`:
 * - The readers above show the batch when the call returns; the promise resolves when it is durable.
 * - Batches become durable in the order of the calls; a resolved promise says that of all before it, too.
 * - What queues behind one flush shares the next (group commit).
 * - A hard state of which only the commit index is new may wait for the next batch: it is a hint.
 * - It never blocks the event loop for a flush.
 * - A failure is final: the promise rejects with `DiskFailed`, every later call does, and no flush is retried
 *   (ATC'20, "Can applications recover from fsync failures?").
 */
export interface LogStore extends LogReader {
  /** As of the last `append` call; the zero state on a fresh log. */
  hardState(): HardState;
  append(batch: AppendBatch): Promise<void>;
  /**
   * Keeps a snapshot that this node took itself, of what it applied. Durable when resolved; the log stays as it is.
   * Older snapshots than the newest two are removed. Rejects with `DiskFull` when there was no room for it: then all
   * is as it was. Any other failure is final, as in `append`.
   */
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  /** The newest snapshot with its data, verified; `undefined` when there is none. Rejects with `Corrupted`. */
  readSnapshot(): Promise<Snapshot | undefined>;
  /**
   * Drops entries up to and including `through`, which is at or below the newest snapshot's index. A no-op when they
   * are dropped already.
   */
  compact(through: Index): Promise<void>;
  /** Waits for what is under way, then lets go of the files. Later appends are refused. */
  close(): Promise<void>;
}
