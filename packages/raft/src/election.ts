import { commitHint, learnCommit } from './commit-hints.js';
import { NOBODY, type NodeId, term } from './ids.js';
import { tickSilence } from './lease.js';
import type { PreVoteRequest, PreVoteResponse, VoteRequest, VoteResponse } from './message.js';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.js';
import { envelope, otherVoters, type RaftState } from './state.js';
import { isInLease } from './terms.js';

/** One tick of a server that does not lead: without a leader for too long, it wants to become one (§5.2). */
export function tickElection(state: RaftState): void {
  state.electionElapsed++;
  tickSilence(state);
  // Who may not campaign waits on: beginning anew, it would protect a leader that is gone for ever.
  if (state.electionElapsed < state.electionTimeout || !isPromotable(state)) return;
  state.electionElapsed = 0;
  campaign(state);
}

/** Somebody wants a campaign at once. Where reads trust leases, none begins while a leader may trust its own. */
export function campaignOnRequest(state: RaftState): void {
  if (state.settings.readOnlyOption !== 'lease' || !isInLease(state)) campaign(state);
}

/** Begins an election, or first asks whether one could be won. Without a vote of its own, it never does. */
function campaign(state: RaftState): void {
  if (state.role === 'leader' || !isPromotable(state)) return;
  if (state.settings.preVote) campaignForPreVotes(state);
  else campaignForVotes(state, false);
}

/** The leader wants it: nobody has to be asked first, and nobody protects that leader (thesis §3.10). */
export function campaignByTransfer(state: RaftState): void {
  if (isPromotable(state)) campaignForVotes(state, true);
}

/**
 * Whether this server may campaign: a voter that has applied every change that it knows to be committed. By a
 * configuration that is over, it could be elected while the rest elects another by the next one (etcd: hup).
 */
function isPromotable({ changesHandedOut, id, log, tracker }: RaftState): boolean {
  if (!tracker.isVoter(id) || log.isRestoring) return false;
  return changesHandedOut.length === 0 && !log.hasCommittedChange;
}

function campaignForPreVotes(state: RaftState): void {
  becomePreCandidate(state);
  const { index: lastIndex, term: lastTerm } = state.log.last;
  for (const to of otherVoters(state)) {
    const head = { from: state.id, to, term: term(state.term + 1) };
    state.messages.push({
      kind: 'pre-vote-request',
      ...head,
      lastIndex,
      lastTerm,
      priority: state.settings.priority,
    });
  }
  // Nothing is promised by it, so nothing has to be durable before it counts.
  countPreVote(state, state.id, true);
}

/**
 * The requests wait until term, own vote and log are durable, as a vote does. After a crash that lost them, the
 * server could campaign in the same term with a shorter log and count the votes that its longer one had earned.
 */
function campaignForVotes(state: RaftState, transfer: boolean): void {
  becomeCandidate(state);
  const { index: lastIndex, term: lastTerm } = state.log.last;
  for (const to of otherVoters(state)) {
    const head = { ...envelope(state, to), priority: state.settings.priority };
    state.responses.push({ kind: 'vote-request', ...head, lastIndex, lastTerm, transfer });
  }
}

export function handleVoteRequest(state: RaftState, request: VoteRequest): void {
  const isSilent = state.silentTicks > 0 && !request.transfer && state.vote === NOBODY;
  const granted =
    !isSilent && isVoteFree(state, request.from) && isEligible(state, request, request.transfer);
  if (granted) {
    state.vote = request.from;
    // Who helps to elect one waits with a campaign of its own.
    state.electionElapsed = 0;
  }
  const head = { ...envelope(state, request.from), ...commitHint(state) };
  state.responses.push({ kind: 'vote-response', ...head, granted });
}

export function handlePreVoteRequest(state: RaftState, request: PreVoteRequest): void {
  const isFree = request.term > state.term || isVoteFree(state, request.from);
  const granted = isFree && isEligible(state, request, false);
  // A grant is for the term that was asked for: the asker may be ahead. A refusal tells the own term.
  const head = { ...envelope(state, request.from), ...commitHint(state) };
  const inTerm = granted ? request.term : state.term;
  state.responses.push({ kind: 'pre-vote-response', ...head, term: inTerm, granted });
}

/** A refusal may tell of a change that is committed: then the votes so far are those of a configuration that is over. */
function takeHint(state: RaftState, response: VoteResponse | PreVoteResponse): void {
  learnCommit(state, response);
  const isCampaigning = state.role === 'candidate' || state.role === 'pre-candidate';
  if (isCampaigning && !isPromotable(state)) becomeFollower(state, state.term, NOBODY);
}

export function handleVoteResponse(state: RaftState, response: VoteResponse): void {
  const { from, granted } = response;
  takeHint(state, response);
  if (state.role === 'candidate') countVote(state, from, granted);
}

export function handlePreVoteResponse(state: RaftState, response: PreVoteResponse): void {
  takeHint(state, response);
  if (state.role !== 'pre-candidate') return;
  // A grant for another term belongs to a campaign that is over.
  if (response.granted && response.term !== state.term + 1) return;
  countPreVote(state, response.from, response.granted);
}

/** Counts a vote, and decides the election when that decides it. */
export function countVote(state: RaftState, from: NodeId, granted: boolean): void {
  const { tracker } = state;
  tracker.noteVote(from, granted);
  const result = tracker.voteResult;
  if (result === 'won') becomeLeader(state);
  if (result === 'lost') becomeFollower(state, state.term, NOBODY);
}

function countPreVote(state: RaftState, from: NodeId, granted: boolean): void {
  const { tracker } = state;
  tracker.noteVote(from, granted);
  const result = tracker.voteResult;
  if (result === 'won') campaignForVotes(state, false);
  if (result === 'lost') becomeFollower(state, state.term, NOBODY);
}

/** One vote a term, and the same answer to the same question; none against a leader that is known (§5.2). */
function isVoteFree({ leader, vote }: RaftState, candidate: NodeId): boolean {
  return vote === candidate || (vote === NOBODY && leader === NOBODY);
}

/**
 * Nobody may lead whose log is older (§5.4.1); nor, among equal logs, who has a lower priority than the voter, unless
 * the leader chose it.
 *
 * Some server can always win: of those in a majority that can talk, take the ones with the newest log, and of these
 * the one with the highest priority. For all older logs it is strictly newer, and no equal one has a higher priority.
 */
function isEligible(
  { log, settings }: RaftState,
  candidate: VoteRequest | PreVoteRequest,
  isChosen: boolean,
): boolean {
  const last = { index: candidate.lastIndex, term: candidate.lastTerm };
  if (!log.isUpToDate(last)) return false;
  const isEqual = log.last.index === last.index && log.last.term === last.term;
  return isChosen || !isEqual || settings.priority <= candidate.priority;
}
