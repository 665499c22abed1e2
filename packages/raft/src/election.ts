import { index, NOBODY, type NodeId, type Term, term } from './ids.js';
import type { PreVoteRequest, PreVoteResponse, VoteRequest, VoteResponse } from './message.js';
import { Progress } from './progress.js';
import { voteResult } from './quorum.js';
import { appendOwn } from './replication.js';
import { becomeFollower, isVoter, peersOf, type RaftState, resetFor } from './state.js';

const NO_DATA = new Uint8Array(0);

/** Begins an election, or first asks whether one could be won (thesis §9.6). */
export function campaign(state: RaftState): void {
  if (state.role === 'leader' || !isVoter(state, state.id)) return;
  if (state.settings.preVote) becomePreCandidate(state);
  else becomeCandidate(state);
}

/** Changes neither term nor vote: a server that cannot win disturbs nobody. */
function becomePreCandidate(state: RaftState): void {
  resetFor(state, state.term);
  state.role = 'pre-candidate';
  // Nothing is promised by a vote for oneself here, so nothing has to be durable first.
  state.votes.set(state.id, true);
  const { lastIndex, lastTerm } = state.log;
  for (const to of peersOf(state)) {
    state.messages.push({
      kind: 'pre-vote-request',
      from: state.id,
      to,
      term: nextTerm(state),
      lastIndex,
      lastTerm,
    });
  }
  countPreVotes(state);
}

function becomeCandidate(state: RaftState): void {
  resetFor(state, nextTerm(state));
  state.role = 'candidate';
  state.vote = state.id;
  const { lastIndex, lastTerm } = state.log;
  for (const to of peersOf(state)) {
    const head = { from: state.id, to, term: state.term, lastIndex, lastTerm };
    state.messages.push({ kind: 'vote-request', ...head, transfer: false });
  }
  // Its own vote counts when it is durable, as everybody else's does.
  state.responses.push({
    kind: 'vote-response',
    from: state.id,
    to: state.id,
    term: state.term,
    granted: true,
  });
}

function becomeLeader(state: RaftState): void {
  const { id, log, settings } = state;
  resetFor(state, state.term);
  state.role = 'leader';
  state.leader = id;
  for (const voter of state.voters) {
    state.progress.set(voter, new Progress(index(log.lastIndex + 1), settings.window));
  }
  const own = state.progress.get(id);
  if (own) {
    own.becomeReplicate();
    own.recentActive = true;
  }
  // The entry that lets older terms commit, and reads begin (§5.4.2, §8).
  appendOwn(state, [NO_DATA]);
}

export function handleVoteRequest(state: RaftState, request: VoteRequest): void {
  const isFree = state.vote === NOBODY || state.vote === request.from;
  const granted =
    isFree &&
    state.log.isUpToDate({ index: request.lastIndex, term: request.lastTerm }) &&
    state.role !== 'leader';
  if (granted) {
    state.vote = request.from;
    // A server that helps to elect one waits with its own campaign (§5.2).
    state.electionElapsed = 0;
  }
  const head = { from: state.id, to: request.from, term: state.term };
  state.responses.push({ kind: 'vote-response', ...head, granted });
}

export function handlePreVoteRequest(state: RaftState, request: PreVoteRequest): void {
  const granted =
    request.term > state.term && state.log.isUpToDate({ index: request.lastIndex, term: request.lastTerm });
  // A refusal carries the own term, so that a server with a lower one learns of it.
  const answer = granted ? request.term : state.term;
  const head = { from: state.id, to: request.from, term: answer };
  state.responses.push({ kind: 'pre-vote-response', ...head, granted });
}

export function handleVoteResponse(state: RaftState, { from, granted }: VoteResponse): void {
  if (state.role !== 'candidate') return;
  noteVote(state, from, granted);
  const result = voteResult(state.voters.map((voter) => state.votes.get(voter)));
  if (result === 'won') becomeLeader(state);
  if (result === 'lost') becomeFollower(state, state.term, NOBODY);
}

export function handlePreVoteResponse(state: RaftState, { from, granted }: PreVoteResponse): void {
  if (state.role !== 'pre-candidate') return;
  noteVote(state, from, granted);
  countPreVotes(state);
}

function countPreVotes(state: RaftState): void {
  const result = voteResult(state.voters.map((voter) => state.votes.get(voter)));
  if (result === 'won') becomeCandidate(state);
  if (result === 'lost') becomeFollower(state, state.term, NOBODY);
}

/** The first answer of a voter counts, and once. */
function noteVote(state: RaftState, from: NodeId, granted: boolean): void {
  if (isVoter(state, from) && !state.votes.has(from)) state.votes.set(from, granted);
}

/** A leader that has not heard of a majority for a whole election timeout stops to lead (thesis §6.2). */
export function checkQuorum(state: RaftState): void {
  const active = state.voters.map(
    (voter) => voter === state.id || state.progress.get(voter)?.recentActive === true,
  );
  if (voteResult(active) !== 'won') {
    state.logger.log('warn', 'the leader lost touch with its majority and steps down', { term: state.term });
    becomeFollower(state, state.term, NOBODY);
    return;
  }
  for (const [voter, progress] of state.progress) progress.recentActive = voter === state.id;
}

function nextTerm(state: RaftState): Term {
  return term(state.term + 1);
}
