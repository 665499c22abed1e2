import type { Logger, Random } from '@decoraft/base';
import type { HardState } from './entry.js';
import { type Index, NOBODY, type NodeId, type Term } from './ids.js';
import type { RaftLog } from './log.js';
import type { Message } from './message.js';
import type { Progress, WindowLimits } from './progress.js';
import type { ReadState, Role } from './ready.js';

/** What does not change while a server runs. */
export interface Settings {
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly maxMessageBytes: number;
  readonly maxUncommittedBytes: number;
  readonly maxCommittedBytes: number;
  readonly window: WindowLimits;
}

/** A read that waits for the proof that its leader still leads. */
export interface PendingRead {
  readonly context: number;
  /** Who asked; this server itself, or a follower. */
  readonly from: NodeId;
  /** The commit index when the read was taken in. */
  readonly index: Index;
  /** The heartbeat round that proves it. */
  readonly sequence: number;
}

/** All that a server knows. Handlers take it and change it; nobody else does. */
export interface RaftState {
  readonly id: NodeId;
  readonly settings: Settings;
  readonly log: RaftLog;
  readonly random: Random;
  readonly logger: Logger;
  readonly voters: readonly NodeId[];
  term: Term;
  /** `NOBODY` when it has not voted in `term`. */
  vote: NodeId;
  role: Role;
  /** `NOBODY` while unknown. */
  leader: NodeId;
  /** Ticks since the leader, or an own campaign, was last heard of; on a leader, since the last quorum check. */
  electionElapsed: number;
  heartbeatElapsed: number;
  /** Drawn anew at every start of a wait (§5.2): in [electionTicks, 2 × electionTicks). */
  electionTimeout: number;
  /** Votes of the campaign that runs, by voter. */
  votes: Map<NodeId, boolean>;
  /** On a leader: every voter's, its own among them. */
  progress: Map<NodeId, Progress>;
  /** Bytes of proposals that this leader has appended and not committed. */
  uncommittedBytes: number;
  /** On a leader: taken in before an entry of its term was committed (§8). */
  earlyReads: { readonly context: number; readonly from: NodeId }[];
  pendingReads: PendingRead[];
  /** The last heartbeat round that carries reads. */
  readSequence: number;
  /** Rounds acknowledged, by voter. */
  readAcknowledged: Map<NodeId, number>;
  /** May leave at once. */
  messages: Message[];
  /** Leave only when all that was written before is durable. */
  responses: Message[];
  readStates: ReadState[];
}

export function hardStateOf({ log, term, vote }: RaftState): HardState {
  return { term, vote, commit: log.committed };
}

export function isVoter(state: RaftState, id: NodeId): boolean {
  return state.voters.includes(id);
}

/** The voters that are not this server. */
export function peersOf(state: RaftState): readonly NodeId[] {
  return state.voters.filter((id) => id !== state.id);
}

/** Forgets what belongs to a role and a term; draws a new election timeout. */
export function resetFor(state: RaftState, term: Term): void {
  if (term !== state.term) {
    state.term = term;
    // Within a term a vote is never taken back: the same term with a free vote could elect two leaders.
    state.vote = NOBODY;
  }
  state.leader = NOBODY;
  state.electionElapsed = 0;
  state.heartbeatElapsed = 0;
  drawElectionTimeout(state);
  state.votes = new Map();
  state.progress = new Map();
  state.uncommittedBytes = 0;
  state.earlyReads = [];
  state.pendingReads = [];
  state.readAcknowledged = new Map();
}

export function drawElectionTimeout(state: RaftState): void {
  const { electionTicks } = state.settings;
  state.electionTimeout = electionTicks + Math.floor(state.random() * electionTicks);
}

export function becomeFollower(state: RaftState, term: Term, leader: NodeId): void {
  resetFor(state, term);
  state.role = 'follower';
  state.leader = leader;
}
