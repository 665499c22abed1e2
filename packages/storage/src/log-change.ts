import type { AppendBatch, Entry, HardState, Index, LogReader, SnapshotMetadata, Term } from '@decoraft/raft';

/** Where the log begins: behind an entry that only a snapshot still covers. */
export interface LogBeginning {
  /** The last index that is covered; 0 when the log begins with its first entry. */
  readonly index: Index;
  readonly term: Term;
}

/** The log begins anew: by compaction, or with a snapshot from a leader. */
export interface NewBeginning extends LogBeginning {
  /** Whether the entries behind `index` stay. They do not when the log had other entries up to there (§7). */
  readonly keepsEntries: boolean;
}

/** What a record says of the log: first where it begins, then its entries, then the hard state. */
export interface LogChange {
  readonly beginning?: NewBeginning;
  readonly entries: readonly Entry[];
  readonly hardState?: HardState;
}

/** The log begins with its first entry. */
export const FIRST_BEGINNING: LogBeginning = { index: 0 as Index, term: 0 as Term };

/** What `batch` makes of `log`, without the content of its snapshot. */
export function changeOf(batch: AppendBatch, log: LogReader): LogChange {
  const { entries, hardState, snapshot } = batch;
  if (!snapshot) return batch;
  const { index, term } = snapshot;
  const beginning: NewBeginning = { index, term, keepsEntries: log.term(index) === term };
  return hardState ? { beginning, entries, hardState } : { beginning, entries };
}

/** `snapshot` without its data, which must not be kept in memory with it. */
export function metadataOf({ configuration, index, term }: SnapshotMetadata): SnapshotMetadata {
  return { index, term, configuration };
}

/** Whether losing `change`, which follows on `before`, is harmless. */
export function isCommitOnly({ beginning, entries, hardState }: LogChange, before: HardState): boolean {
  return (
    hardState !== undefined &&
    beginning === undefined &&
    entries.length === 0 &&
    hardState.term === before.term &&
    hardState.vote === before.vote
  );
}
