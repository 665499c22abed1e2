import type { Configuration, HardState } from './entry.js';
import type { Index, NodeId, Term } from './ids.js';
import type { Progress, ProgressState } from './progress.js';
import type { SoftState } from './ready.js';
import type { RaftState } from './state.js';

/**
 * Where proposals were appended, in this order from `firstIndex` on, in `term`; they are committed when an entry of
 * that index and term is handed out. Or why they were not: `NotLeader`, ask the leader; `Overloaded`, try later;
 * `TransferInProgress`, ask the next leader. `Forwarded`: not appended here, but sent to the leader, who may append
 * them, once or never (only where `proposalForwarding` is on).
 */
export type ProposeResult =
  | { readonly ok: true; readonly term: Term; readonly firstIndex: Index }
  | { readonly ok: false; readonly reason: ProposeRefusal };

export type ProposeRefusal = 'NotLeader' | 'Overloaded' | 'TransferInProgress' | 'Forwarded';

/**
 * As {@link ProposeResult}. Further reasons: `ConfigurationChangePending`, one may be in the log that is not applied
 * yet, so try later; `Joint`, only leaving is possible; `NotJoint`, there is nothing to leave.
 */
export type ConfigurationChangeResult =
  | { readonly ok: true; readonly term: Term; readonly index: Index }
  | { readonly ok: false; readonly reason: ConfigurationChangeRefusal };

export type ConfigurationChangeRefusal = ProposeRefusal | 'ConfigurationChangePending' | 'Joint' | 'NotJoint';

/**
 * Whether a transfer of leadership began, or was passed on to the leader. `NotLeader`: no leader is known here;
 * `NotVoter`: only a voter can be the next one. Of the leader itself: ok, and a transfer under way ends.
 */
export type TransferResult =
  { readonly ok: true } | { readonly ok: false; readonly reason: 'NotLeader' | 'NotVoter' };

/** What a leader knows of a member; of itself, too. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly state: ProgressState;
  /** Its log agrees up to here, durably. */
  readonly match: Index;
  /** The next entry that it will be sent. */
  readonly next: Index;
  readonly isLearner: boolean;
  /** Nothing but heartbeats is sent to it until it answers. */
  readonly isPaused: boolean;
  /** Heard of since the quorum was last checked; of the leader itself, always. */
  readonly recentlyActive: boolean;
  readonly inflightMessages: number;
  readonly inflightBytes: number;
  /** The index of the snapshot that it is being sent; 0 for none. */
  readonly pendingSnapshot: Index;
}

export interface RaftStatus extends SoftState, HardState {
  readonly id: NodeId;
  readonly applied: Index;
  readonly firstIndex: Index;
  readonly lastIndex: Index;
  /** As of `applied`, or of a snapshot from the leader that is not applied yet. */
  readonly configuration: Configuration;
  /** On a leader: who is to lead next; `NOBODY` while nobody is. */
  readonly leadTransferee: NodeId;
  /** Rounds of heartbeats that this server began for reads, as a leader, since it was made. */
  readonly readRounds: number;
  /** Empty on a server that does not lead. */
  readonly progress: readonly PeerStatus[];
}

export function statusOf(state: RaftState): RaftStatus {
  const { id, leader, log, role, term, tracker, vote } = state;
  return {
    id,
    role,
    leader,
    term,
    vote,
    commit: log.committed,
    applied: log.applied,
    firstIndex: log.firstIndex,
    lastIndex: log.lastIndex,
    configuration: tracker.configuration,
    leadTransferee: state.leadTransferee,
    readRounds: state.readRoundsBegun,
    progress: Array.from(tracker.progress, ([peer, progress]) => peerStatus(state, peer, progress)),
  };
}

function peerStatus({ tracker }: RaftState, id: NodeId, progress: Progress): PeerStatus {
  const { inflights, isPaused, match, next, pendingSnapshot, recentlyActive, state } = progress;
  return {
    id,
    state,
    match,
    next,
    isLearner: tracker.configuration.learners.includes(id),
    isPaused,
    recentlyActive,
    inflightMessages: inflights.count,
    inflightBytes: inflights.bytes,
    pendingSnapshot,
  };
}
