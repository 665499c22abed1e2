import type { Configuration, Entry, HardState } from './entry.js';
import type { Index, Term } from './ids.js';

/** What a snapshot stands for: the log up to `index`, and the configuration there (§7). */
export interface SnapshotMetadata {
  readonly index: Index;
  readonly term: Term;
  /** As of `index`. */
  readonly configuration: Configuration;
}

/** A snapshot as it lies in storage: what it stands for, and how its data is told from any other's. */
export interface SnapshotDescription extends SnapshotMetadata {
  readonly dataBytes: number;
  /** CRC-32 of all the data. */
  readonly checksum: number;
}

/** A snapshot that can be read, whatever becomes of it in the log meanwhile, until it is closed. */
export interface StoredSnapshot extends SnapshotDescription {
  /**
   * The data, opaque here, from the byte `from` on: in pieces that are read when they are asked for, each with memory of
   * its own. Read from its first byte to its end, it rejects with `Corrupted` where it does not match its checksum; with
   * `Unavailable` once this was closed.
   */
  chunks(from?: number): AsyncIterable<Uint8Array>;
  /** May be called again. */
  close(): Promise<void>;
}

/** A snapshot from a leader on its way here, kept aside: it counts for nothing until `append` installs it. */
export interface IncomingSnapshot {
  /** How much of the data is here: what is written next belongs there. */
  readonly receivedBytes: number;
  /** One call at a time. Rejects with `DiskFull` when there is no room: then all of it is given up. */
  write(data: Uint8Array): Promise<void>;
  /**
   * To be called when all is here. Checks it; resolves with true when it is whole and durable, with false when it is
   * damaged and has to come again from its first byte.
   */
  finish(): Promise<boolean>;
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
   * From a leader; its data has come by `receiveSnapshot`, and was finished. Takes effect before the entries of the same
   * batch: replaces all of the log up to its index, and all of the log when that does not have its index and term.
   */
  readonly snapshot?: SnapshotMetadata;
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
   * Older snapshots than a few are removed. Holds one chunk at a time; where it is no newer than the newest, it asks for
   * none. Rejects with `DiskFull` when there was no room, and with whatever `chunks` throws: then all is as it was. Any
   * other failure is final, as in `append`.
   */
  saveSnapshot(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** The newest snapshot, verified; `undefined` when there is none. Rejects with `Corrupted`. */
  readSnapshot(): Promise<StoredSnapshot | undefined>;
  /**
   * Begins to take in a snapshot from a leader, or goes on where it was left, be it before a restart. There is one at a
   * time: another takes the place of the one before it.
   */
  receiveSnapshot(snapshot: SnapshotDescription): Promise<IncomingSnapshot>;
  /**
   * Drops entries up to and including `through`, which is at or below the newest snapshot's index. A no-op when they
   * are dropped already.
   */
  compact(through: Index): Promise<void>;
  /** Waits for what is under way, then lets go of the files. Later appends are refused. */
  close(): Promise<void>;
}
