import type { LogStore, NodeId } from '@decoraft/raft';

/** Whose log is opened. */
export interface OpenOptions {
  /** The server that the log belongs to. The first one that opens it owns it for good. */
  readonly nodeId: NodeId;
  /** The cluster that the server belongs to, when the caller knows it; remembered from the first time on. */
  readonly clusterId?: string;
  /**
   * Told when the disk has no room for more of the log, and when it has again. In between, what was appended is neither
   * acknowledged nor refused, so nothing is lost; whoever leads should let another one lead.
   */
  readonly onDiskFull?: (isFull: boolean) => void;
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
  open(options: OpenOptions): Promise<NodeLog>;
}

/** The log of one node. */
export interface NodeLog extends LogStore {
  /**
   * Tells this disk from every other one: drawn when it was first used, and kept as long as what is on it. A node that
   * comes back with another number has lost what it promised under its name. From 1 to 2^32 - 1.
   */
  readonly diskId: number;
}

/** Counted since the log was opened, at the moment when things became durable. */
export interface LogStatistics {
  /** Flushes that made appended batches durable; preparing segments is not counted. */
  readonly fdatasyncs: number;
  readonly appendedEntries: number;
  /** Bytes of entry data, without what the format adds. */
  readonly appendedBytes: number;
  /** About what the entries take at this moment that are held in memory; older ones are on the disk alone. */
  readonly cachedBytes: number;
}

/** A log that can tell what its durability costs. */
export interface MeasuredLogStore extends NodeLog {
  statistics(): LogStatistics;
}

/** The statistics of `log`, if it keeps any. */
export function statisticsOf(log: LogStore): LogStatistics | undefined {
  return isMeasured(log) ? log.statistics() : undefined;
}

function isMeasured(log: LogStore): log is LogStore & Pick<MeasuredLogStore, 'statistics'> {
  return 'statistics' in log && typeof log.statistics === 'function';
}
