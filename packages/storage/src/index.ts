/**
 * # Storage
 *
 * What a node must not forget: the durable Raft log, and its twin in memory, both behind the `LogStore` port of
 * `@decoraft/raft`. The only door to the file system. FORMAT.md beside the package says what the bytes mean.
 *
 * It acknowledges nothing that is not flushed, retries no flush that failed, changes nothing that it finds damaged,
 * and never opens one directory for two.
 *
 * Read in this order:
 * - `storage.ts`: what a node is given. `durable-storage.ts` and `memory-storage.ts` make it.
 * - `durable-log.ts`: its flushes (group commit), above `commit-queue.ts` and `commit-batch.ts`, what waits for them,
 *   `log-view.ts`, the log as of the last append, and `log-change.ts`, what a record does to it.
 * - `entry-cache.ts`: the newest entries; `term-runs.ts`, the terms of all. `log-index.ts` and `segment-summary.ts`: where
 *   the others are on the disk; `read-back.ts` fetches them.
 * - `snapshot-files.ts`: which snapshots there are; `snapshot-writing.ts`, `snapshot-reading.ts`, `snapshot-incoming.ts`
 *   (from a leader) and `snapshot-header.ts`, one of them, always piece by piece.
 * - `segment-writer.ts`: going from file to file without a stall; `segment.ts`.
 * - `record.ts`, `record-body.ts`, `record-buffer.ts`, `segment-header.ts`, `seal.ts`, `metadata.ts`: the format.
 * - `recovery.ts`: torn or damaged, decided by reading alone, with `segment-survey.ts`, `sealed-segment.ts` and
 *   `segment-scan.ts`; `replay.ts`, `snapshot-recovery.ts`; then `repair.ts`, which writes.
 * - `inspect-directory.ts`: what is in a directory, for an operator, through `read-only-disk.ts`; `inspection*.ts`.
 * - `backup-file.ts` and `backup-header.ts`: a snapshot outside of any directory; `new-directory.ts`, a directory that is
 *   there whole or not at all.
 * - `disk.ts`: the port to the machine; `node-disk.ts`, `directory-lock.ts`, `process-identity.ts` fill it. So does
 *   `simulated-disk.ts`, the second entry point of this package (`simulated.ts`), for tests.
 *
 * What is not here:
 * - The choice of when to take a snapshot and how much of the log to keep behind it: that is the driver's.
 * - Reading back in the background: the core asks for entries in the middle of a step, so an old one is read while the
 *   process waits, a megabyte at a time (`read-back.ts` says how much at most). Entries of the newest 32 MiB cost nothing.
 * - A limit on what waits to be flushed: its callers have limits (proposals, bytes in flight), and Raft may not be
 *   refused a write half way.
 * - Locks across machines, or across containers that do not see each other's processes: Node has no lock that the
 *   kernel would drop. Give every container a directory of its own.
 * - Encryption, and checks of records at rest: a bit that flips is found when it is read, in the last segment that is at
 *   the next open.
 */
export {
  type BackupFile,
  type BackupWriting,
  describeChunks,
  isBackupFile,
  openBackupFile,
  readBackupHeader,
  refuseExisting,
  writeBackupFile,
} from './backup-file.js';
export { type BackedUpMember, type BackupDescription, encodeBackupHeader } from './backup-header.js';
export type { DirectoryLock, Disk, DiskFile } from './disk.js';
export { MIN_SEGMENT_BYTES } from './segment.js';
export { type DurableStorage, durableStorage, type DurableStorageOptions } from './durable-storage.js';
export { inspectDirectory } from './inspect-directory.js';
export type {
  Check,
  Damage,
  InspectedDirectory,
  InspectedLog,
  InspectedSegment,
  InspectedSnapshot,
  Inspection,
  InspectionProgress,
  InspectOptions,
  LockState,
  SegmentState,
} from './inspection.js';
export { memoryStorage } from './memory-storage.js';
export { makeDirectory, refuseUsedDirectory } from './new-directory.js';
export { nodeDisk } from './node-disk.js';
export { StorageError, type StorageErrorCode } from './storage-error.js';
export {
  type LogStatistics,
  type MeasuredLogStore,
  type NodeLog,
  type OpenOptions,
  statisticsOf,
  type Storage,
} from './storage.js';
