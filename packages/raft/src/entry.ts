import type { Index, NodeId, Term } from './ids.js';

/**
 * `normal` entries belong to the state machine (empty data is the no-op that opens a term, §8);
 * `configuration` entries carry an encoded `ConfigurationChange`.
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

/**
 * The members at one point of the log (etcd's ConfState). It is joint while `votersOutgoing` has voters: then a
 * majority of `voters` and one of `votersOutgoing` decide together (§6, thesis §4.3). Each list is free of repetitions
 * and in the order in which its members came.
 *
 * Invariant: voters and learners are disjoint; `learnersNext` is within `votersOutgoing`, outside of `voters` and
 * `learners`; outside of a joint configuration `learnersNext` is empty and `autoLeave` false.
 */
export interface Configuration {
  /** Who decides; while joint, the incoming half: who decides afterwards. */
  readonly voters: readonly NodeId[];
  /** While joint, the outgoing half: who decided before. Empty: not joint. */
  readonly votersOutgoing: readonly NodeId[];
  /** Who receives the log and decides nothing (thesis §4.2.1). */
  readonly learners: readonly NodeId[];
  /** Voters of the outgoing half that become learners when it is left: as long as they vote, they are no learners. */
  readonly learnersNext: readonly NodeId[];
  /** Whether the leader leaves the joint configuration by itself, as soon as it is in effect. */
  readonly autoLeave: boolean;
}
