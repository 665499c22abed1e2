import type { Logger, Random } from '@decoraft/base';
import type { Entry, HardState } from './entry.js';
import { type Index, index, NOBODY, type NodeId, type Term, term } from './ids.js';
import { Inflights } from './inflights.js';
import { RaftLog } from './log.js';
import type { Message } from './message.js';
import type { RaftOptions, Settings } from './options.js';
import type { ReadState, Ready, Role, SoftState } from './ready.js';
import { Tracker } from './tracker.js';

/**
 * What a read takes for proof that nobody else leads: a `round` of heartbeats that began after it was asked, or the
 * leader's `lease` where there is one, and a round where there is none.
 */
export type ReadProof = 'round' | 'lease';

/** A read whose index is not known to be linearizable yet. */
export interface PendingRead {
  /** The number of the one who asked, given back as it is. */
  readonly context: number;
  /** This server itself, or a follower. */
  readonly from: NodeId;
  readonly proof: ReadProof;
}

/** Reads that are proven together by one round of heartbeats (thesis §6.4). */
export interface ReadRound {
  /** Rises with every round of this server. */
  readonly sequence: number;
  /** The commit index when the round began: at least that of each of its reads' arrival. */
  readonly index: Index;
  readonly reads: readonly PendingRead[];
}

/** A round of heartbeats, as far as a lease begins with it. */
export interface LeaseRound {
  readonly sequence: number;
  /** In `leaderTicks`. */
  readonly sentAt: number;
}

/** A ready that was taken and is not durable yet. */
export interface OutstandingReady {
  /** Rises with every ready. */
  readonly sequence: number;
  readonly ready: Ready;
  /** The term in which this server votes for itself by it; 0 when it does not. */
  readonly ownVote: Term;
}

/** All that a server knows. Handlers take it and change it. */
export interface RaftState {
  readonly id: NodeId;
  readonly settings: Settings;
  readonly log: RaftLog;
  readonly tracker: Tracker;
  readonly random: Random;
  readonly logger: Logger;

  /** The latest term that this server has seen (§5.1); never decreases. */
  term: Term;
  /** For whom it voted in `term`; `NOBODY` while for none. Within a term it changes only from nobody. */
  vote: NodeId;
  role: Role;
  /** `NOBODY` while unknown. */
  leader: NodeId;
  /** Ticks since it heard from the leader, granted a vote or began a campaign; on a leader, since it checked its quorum. */
  electionElapsed: number;
  /** The end of the wait: drawn anew from [electionTicks, 2 × electionTicks) whenever role or term change (§5.2). */
  electionTimeout: number;

  /** On a leader: ticks since its last heartbeat. */
  heartbeatElapsed: number;
  /** On a leader: a heartbeat to everybody leaves with the next ready. */
  heartbeatIsDue: boolean;
  /** On a leader: ticks for which there was nothing to do. */
  idleTicks: number;
  /** Ticks change nothing until something stirs this server; see `quiescence.ts`. */
  isQuiet: boolean;
  /** On a leader: its first entry; what is at or behind it has the leader's own term. */
  ownFrom: Index;
  /**
   * On a leader: no change of the configuration is taken before this index is applied. It is the first entry of its
   * term, then its latest change: what lies before may be a change of a predecessor (raft-dev 2015, thesis §4.1).
   */
  pendingConfigurationIndex: Index;
  /** Changes that left to be applied and are not in effect yet, oldest first. */
  readonly changesHandedOut: Entry[];
  /** On a leader: who is to lead next; `NOBODY` while nobody is. */
  leadTransferee: NodeId;
  /** On a leader: somebody was asked to campaign in this term, so that leases are worth nothing in it. */
  leaseIsOver: boolean;
  /** On a leader: ticks since it was elected. */
  leaderTicks: number;
  /** On a leader that reads by leases: rounds of heartbeats, oldest first, that may still be worth one. */
  leaseRounds: LeaseRound[];
  /**
   * Where reads trust leases: ticks in which this server votes for nobody, unless a leader chose the candidate. It may
   * have answered a leader, right before its start even, who trusts that.
   */
  silentTicks: number;
  /** On a leader: its proposals that are not committed. */
  readonly uncommitted: Inflights;
  /** On a leader: reads that no round has taken yet. */
  waitingReads: PendingRead[];
  /** On a leader: rounds that no majority has answered yet, oldest first. */
  readRounds: ReadRound[];
  /** The newest round; it goes on from term to term. */
  readSequence: number;
  /** Rounds that began for reads since this server was made. */
  readRoundsBegun: number;

  /** For the next ready: may leave at once. */
  messages: Message[];
  /** For the next ready: leave when it is durable. */
  responses: Message[];
  readStates: ReadState[];
  /** For the next ready: the term of a vote for itself, which counts when it is durable; 0 for none. */
  ownVote: Term;
  /** What the readies so far have told. */
  toldSoftState: SoftState;
  toldHardState: HardState;
  /** How many readies were taken. */
  readySequence: number;
  /** Oldest first. */
  readonly outstanding: OutstandingReady[];
}

export function createState(options: RaftOptions, settings: Settings, logger: Logger): RaftState {
  const { configuration, hardState, id, random } = options;
  const applied = options.applied ?? index(options.log.firstIndex() - 1);
  // The commit index on disk is only a hint; what has been applied was committed.
  const committed = index(Math.max(hardState.commit, applied));
  const { maxCommittedBytes } = settings;
  const unbounded = { maxMessages: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
  const state: RaftState = {
    id,
    settings,
    log: new RaftLog({ store: options.log, committed, applied, maxCommittedBytes }),
    tracker: new Tracker(configuration),
    random,
    logger,
    term: hardState.term,
    vote: hardState.vote,
    role: 'follower',
    leader: NOBODY,
    electionElapsed: 0,
    electionTimeout: 0,
    heartbeatElapsed: 0,
    heartbeatIsDue: false,
    idleTicks: 0,
    isQuiet: false,
    ownFrom: index(0),
    pendingConfigurationIndex: index(0),
    changesHandedOut: [],
    leadTransferee: NOBODY,
    leaseIsOver: false,
    leaderTicks: 0,
    leaseRounds: [],
    silentTicks: settings.readOnlyOption === 'lease' ? settings.electionTicks : 0,
    uncommitted: new Inflights(unbounded),
    waitingReads: [],
    readRounds: [],
    readSequence: 0,
    readRoundsBegun: 0,
    messages: [],
    responses: [],
    readStates: [],
    ownVote: term(0),
    toldSoftState: { role: 'follower', leader: NOBODY },
    toldHardState: hardState,
    readySequence: 0,
    outstanding: [],
  };
  drawElectionTimeout(state);
  return state;
}

export function drawElectionTimeout(state: RaftState): void {
  const { electionTicks } = state.settings;
  state.electionTimeout = electionTicks + Math.floor(state.random() * electionTicks);
}

/** From, to and term of a message of this server, in its own term. */
export function envelope(
  state: RaftState,
  to: NodeId,
): { readonly from: NodeId; readonly to: NodeId; readonly term: Term } {
  return { from: state.id, to, term: state.term };
}

/** The voters of either half that are not this server. */
export function otherVoters({ id, tracker }: RaftState): readonly NodeId[] {
  return [...tracker.voters].filter((voter) => voter !== id);
}
