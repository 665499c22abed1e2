import type { Entry, HardState } from './entry.js';
import type { Index, Term } from './ids.js';

/**
 * What the core reads of the log that has been handed to storage. Synchronous and side-effect free; may be
 * called at any time, also while a write is under way, and shows the log as of the last `append` call.
 */
export interface LogReader {
  /** 1 on a log that was never compacted; `lastIndex + 1` when it is empty. */
  firstIndex(): Index;
  /** 0 on an empty, never compacted log. */
  lastIndex(): Index;
  /** The term of the entry at `index`; 0 for index 0; `undefined` outside of the log. */
  term(index: Index): Term | undefined;
  /**
   * The entries from `from` up to, not including, `to`. At least one entry is given, however large; after
   * that, as many as fit into `maxBytes` of data. Throws a `RangeError` outside of the log.
   */
  entries(from: Index, to: Index, maxBytes: number): readonly Entry[];
}

/** One step of durable writing: the entries first, then the hard state, together or not at all observable. */
export interface AppendBatch {
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
  /** Waits for what is under way, then lets go of the files. Later appends are refused. */
  close(): Promise<void>;
}
