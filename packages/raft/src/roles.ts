import { index, NOBODY, type NodeId, type Term, term } from './ids.js';
import { drawElectionTimeout, type RaftState } from './state.js';

const NO_DATA = new Uint8Array(0);

/** Follows `leader`, or waits for one when it is `NOBODY`. */
export function becomeFollower(state: RaftState, inTerm: Term, leader: NodeId): void {
  const wasLeader = state.role === 'leader';
  reset(state, inTerm);
  state.role = 'follower';
  state.leader = leader;
  if (wasLeader) state.logger.log('info', 'stepped down', { term: inTerm, leader });
}

/** Changes neither term nor vote: a server that cannot win disturbs nobody (thesis §9.6). */
export function becomePreCandidate(state: RaftState): void {
  reset(state, state.term);
  state.role = 'pre-candidate';
}

/** A new term, and a vote for itself in it (§5.2). */
export function becomeCandidate(state: RaftState): void {
  reset(state, term(state.term + 1));
  state.role = 'candidate';
  state.vote = state.id;
  state.ownVote = state.term;
}

export function becomeLeader(state: RaftState): void {
  const { id, log, settings, tracker } = state;
  reset(state, state.term);
  state.role = 'leader';
  state.leader = id;
  state.ownFrom = index(log.lastIndex + 1);
  state.pendingConfigurationIndex = state.ownFrom;
  tracker.resetProgress(id, state.ownFrom, settings.inflightLimits);
  tracker.progress.get(id)?.acknowledge(log.durableIndex, log.firstIndex);
  // Committing an entry of its own term is how a leader learns what was committed before it (§5.4.2, §8).
  log.append({ term: state.term, index: state.ownFrom, kind: 'normal', data: NO_DATA });
  state.logger.log('info', 'became leader', { term: state.term, lastIndex: log.lastIndex });
}

/** Forgets all that belongs to a role. Reads that waited are dropped: whoever asked has a limit and asks again. */
function reset(state: RaftState, inTerm: Term): void {
  if (state.term !== inTerm) {
    state.term = inTerm;
    // Only a new term frees the vote: a second one in the same term could elect a second leader.
    state.vote = NOBODY;
  }
  state.leader = NOBODY;
  state.electionElapsed = 0;
  drawElectionTimeout(state);
  state.heartbeatElapsed = 0;
  state.heartbeatIsDue = false;
  state.idleTicks = 0;
  state.isQuiet = false;
  state.pendingConfigurationIndex = index(0);
  state.leadTransferee = NOBODY;
  state.leaseIsOver = false;
  state.leaderTicks = 0;
  state.leaseRounds = [];
  state.uncommitted.clear();
  state.waitingReads = [];
  state.readRounds = [];
  state.tracker.resetVotes();
  state.tracker.progress.clear();
}

/**
 * The process stood still for longer than its ticks say. A leader may have been replaced and cannot vouch for any
 * lease; for the others, what they heard last is older than they think, or about to be heard (checklist C10, C37).
 */
export function paused(state: RaftState): void {
  if (state.role === 'leader') becomeFollower(state, state.term, NOBODY);
  state.electionElapsed = 0;
  drawElectionTimeout(state);
}
