import type { Index, NodeId, Term } from './ids.js';

/**
 * `normal` entries belong to the state machine (empty data is the no-op that opens a term, §8);
 * `configuration` entries carry an encoded {@link Configuration}.
 */
export type EntryKind = 'normal' | 'configuration';

export interface Entry {
  readonly term: Term;
  readonly index: Index;
  readonly kind: EntryKind;
  readonly data: Uint8Array;
}

/** What must be durable before a server answers anything (figure 2, "persistent state on all servers"). */
export interface HardState {
  readonly term: Term;
  /** Whom this server voted for in `term`; `NOBODY` when it has not. */
  readonly vote: NodeId;
  /** A hint that saves work after a restart: losing the latest value is harmless. */
  readonly commit: Index;
}

/** Who decides. Joint configurations and learners extend this record; its format on disk carries a version. */
export interface Configuration {
  readonly voters: readonly NodeId[];
}
