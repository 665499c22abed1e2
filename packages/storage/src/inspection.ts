import type { Entry, HardState, SnapshotMetadata } from '@decoraft/raft';
import type { TermRun } from './term-runs.js';

/** What stands in the way of an inspection, or came out of it. */
export type Inspection =
  /** There is no such directory, or it is not one of a node. */
  | { readonly kind: 'no-data-directory'; readonly reason: string }
  /** A newer release wrote it, or this user may not read it. */
  | { readonly kind: 'not-understood'; readonly reason: string }
  | InspectedDirectory;

/** What is in a data directory. Nothing in it says that a part is whole that was not read: see `isVerified`. */
export interface InspectedDirectory {
  readonly kind: 'inspected';
  readonly directory: string;
  /** `undefined` where the metadata is damaged: then no segment can be read either. */
  readonly owner: DirectoryOwner | undefined;
  readonly lock: LockState;
  /** `undefined` where a start would refuse the log. */
  readonly log: InspectedLog | undefined;
  /** By their numbers. */
  readonly segments: readonly InspectedSegment[];
  /** Newest first. */
  readonly snapshots: readonly InspectedSnapshot[];
  /** Files written aside that were not finished; a start writes over them, or goes on with them. */
  readonly unfinished: readonly string[];
  /** Names that no data directory has. Nobody touches them. */
  readonly foreign: readonly string[];
  /** Empty when all that was read is whole. */
  readonly damages: readonly Damage[];
  /** What is no damage, and worth knowing. */
  readonly notes: readonly string[];
  /** Whether every byte was read that a node may ever need. Otherwise, what a start reads. */
  readonly isVerified: boolean;
}

export interface DirectoryOwner {
  /** Of the newest release that opened it. */
  readonly format: number;
  readonly nodeId: string;
  /** See `NodeLog.diskId`. */
  readonly diskId: number;
}

export type LockState =
  | { readonly kind: 'held'; readonly pid: number }
  /** By a process that is gone: the next start takes it over. */
  | { readonly kind: 'left-behind'; readonly pid: number }
  | { readonly kind: 'released' }
  | { readonly kind: 'never-taken' };

export interface InspectedLog {
  readonly hardState: HardState;
  /** The log begins behind this index, 0 for a log that was never compacted. */
  readonly beginsBehind: number;
  readonly lastIndex: number;
  readonly entries: number;
  /** Which terms its entries are of, ascending. */
  readonly terms: readonly TermRun[];
  /** The snapshot that a start begins with. */
  readonly snapshot: SnapshotMetadata | undefined;
  /** The first bytes of its data, at most 1 MiB. */
  readonly snapshotBeginning: Uint8Array | undefined;
  /** Of the entries behind that snapshot, those that change the configuration. */
  readonly configurationEntries: readonly Entry[];
}

/**
 * `sealed`: full, and its seal is there; `unsealed`: full, and stopped before it was sealed; `open`: written at the
 * end; `prepared`: for later, empty; `free`: needed no more.
 */
export type SegmentState = 'sealed' | 'unsealed' | 'open' | 'prepared' | 'free';

export interface InspectedSegment {
  readonly sequence: number;
  readonly file: string;
  readonly fileBytes: number;
  /** `undefined` where its header is damaged or has another number. */
  readonly state: SegmentState | undefined;
  /** Up to the end of the last record. */
  readonly usedBytes: number;
  /** One behind the last index when it was begun. */
  readonly firstIndex: number | undefined;
  readonly check: Check;
}

/** How much was compared with checksums: `all`, only `ends` (header and seal), or `none` since nobody needs it. */
export type Check = 'all' | 'ends' | 'none' | 'damaged';

export interface InspectedSnapshot extends Partial<SnapshotMetadata> {
  readonly file: string;
  readonly fileBytes: number;
  /** Whether the log has its index and term, so that a start may use it. */
  readonly counts: boolean;
  readonly check: Check;
}

export interface Damage {
  readonly file: string;
  /** The byte at which it was noticed. */
  readonly offset: number;
  readonly problem: string;
}

/** Of the bytes that an inspection reads. */
export interface InspectionProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface InspectOptions {
  /** Reads every byte that a node may ever need. By default as much as a start of the node reads. */
  readonly verify?: boolean;
  /** Called after every piece. */
  readonly onProgress?: (progress: InspectionProgress) => void;
}
