import type { LogStore, NodeId } from '@decoraft/raft';

/** Whose log is opened. */
export interface OpenOptions {
  /** The server that the log belongs to. The first one that opens it owns it for good. */
  readonly nodeId: NodeId;
  /** The cluster that the server belongs to, when the caller knows it; remembered from the first time on. */
  readonly clusterId?: string;
}

/** Where a node keeps what must survive it: a durable directory, or memory. */
export interface Storage {
  /**
   * Recovers what was acknowledged before and opens it for one user at a time. May be called again after the log
   * was closed.
   *
   * Rejects with a StorageError: `Unavailable` while the log is open elsewhere, `InvalidArgument` when it belongs
   * to another node, `ClusterMismatch` when to another cluster, `Corrupted` when durable content is damaged,
   * `Unimplemented` when a newer release wrote it, `PermissionDenied` or `DiskFailed` when the system refuses.
   */
  open(options: OpenOptions): Promise<LogStore>;
}

/** Counted since the log was opened, at the moment when things became durable. */
export interface LogStatistics {
  /** Flushes that made appended batches durable; preparing segments is not counted. */
  readonly fdatasyncs: number;
  readonly appendedEntries: number;
  /** Bytes of entry data, without what the format adds. */
  readonly appendedBytes: number;
}

/** A log that can tell what its durability costs. */
export interface MeasuredLogStore extends LogStore {
  statistics(): LogStatistics;
}

/** The statistics of `log`, if it keeps any. */
export function statisticsOf(log: LogStore): LogStatistics | undefined {
  return isMeasured(log) ? log.statistics() : undefined;
}

function isMeasured(log: LogStore): log is MeasuredLogStore {
  return 'statistics' in log && typeof log.statistics === 'function';
}
