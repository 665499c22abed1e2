import type { Configuration, HardState } from './entry.js';
import type { Index, NodeId, Term } from './ids.js';
import type { ProgressState } from './progress.js';
import type { SoftState } from './ready.js';
import type { RaftState } from './state.js';

/**
 * Where proposals were appended, in this order from `firstIndex` on, in `term`; they are committed when an entry of
 * that index and term is handed out. Or why they were not: `NotLeader`, ask the leader; `Overloaded`, try later.
 */
export type ProposeResult =
  | { readonly ok: true; readonly term: Term; readonly firstIndex: Index }
  | { readonly ok: false; readonly reason: 'NotLeader' | 'Overloaded' };

/** What a leader knows of a voter; of itself, too. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly state: ProgressState;
  /** Its log agrees up to here, durably. */
  readonly match: Index;
  /** The next entry that it will be sent. */
  readonly next: Index;
}

export interface RaftStatus extends SoftState, HardState {
  readonly id: NodeId;
  readonly applied: Index;
  readonly lastIndex: Index;
  readonly configuration: Configuration;
  /** Empty on a server that does not lead. */
  readonly progress: readonly PeerStatus[];
}

export function statusOf({ id, leader, log, role, term, tracker, vote }: RaftState): RaftStatus {
  return {
    id,
    role,
    leader,
    term,
    vote,
    commit: log.committed,
    applied: log.applied,
    lastIndex: log.lastIndex,
    configuration: tracker.configuration,
    progress: Array.from(tracker.progress, ([peer, { match, next, state }]) => ({
      id: peer,
      state,
      match,
      next,
    })),
  };
}
