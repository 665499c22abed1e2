/**
 * # Storage
 *
 * The durable Raft log and its twin in memory, behind the port that `@decoraft/raft` defines. The only door to the
 * file system. Read FORMAT.md (what is on disk), `durable-log.ts` (group commit), `recovery.ts` (what a start makes
 * of what it finds), then `segment.ts` and `record.ts`. `disk.ts` is the port behind which faults are injected.
 *
 * It never deletes or changes what it does not understand, and never retries a flush that failed.
 *
 * What is not here: snapshots and compaction, so segments are not recycled yet, and the whole log is held in memory
 * as well. Both come with the issue that bounds them.
 */
export type { Disk, DiskFile } from './disk.js';
export type { LogStatistics } from './durable-log.js';
export { StorageError, type StorageErrorCode } from './errors.js';
export { type DurableStorageOptions, durableStorage, memoryStorage, type Storage } from './storage.js';
