import { assertInvariant } from '@decoraft/base';
import { noteChangesHandedOut } from './configuration.js';
import { countVote } from './election.js';
import type { HardState } from './entry.js';
import { sendHeartbeats } from './heartbeat.js';
import { term } from './ids.js';
import type { Ready } from './ready.js';
import { canServeReads, serveReads } from './reads.js';
import { acknowledgeOwn, hasAppends, sendAppends } from './replication.js';
import type { OutstandingReady, RaftState } from './state.js';

export function hasReady(state: RaftState): boolean {
  return (
    state.messages.length > 0 ||
    state.responses.length > 0 ||
    state.readStates.length > 0 ||
    state.heartbeatIsDue ||
    state.ownVote !== 0 ||
    state.log.hasUnwritten ||
    state.log.hasCommitted ||
    softStateChanged(state) ||
    termOrVoteChanged(state) ||
    canServeReads(state) ||
    hasAppends(state)
  );
}

/** Takes all that is ready. A leader writes its requests only now, so that one turn's work leaves together. */
export function takeReady(state: RaftState): OutstandingReady {
  sendAppends(state);
  serveReads(state);
  sendHeartbeats(state);
  const { messages, readStates, responses } = state;
  const softState = softStateChanged(state) ? { role: state.role, leader: state.leader } : undefined;
  const hardState = takeHardState(state);
  const committedEntries = state.log.takeCommitted();
  noteChangesHandedOut(state, committedEntries);
  const ready: Ready = {
    ...(softState && { softState }),
    ...(hardState && { hardState }),
    ...state.log.beginWrite(),
    messages,
    responses,
    committedEntries,
    readStates,
    storage: [],
  };
  const outstanding = { sequence: ++state.readySequence, ready, ownVote: state.ownVote };
  state.outstanding.push(outstanding);
  if (softState) state.toldSoftState = softState;
  state.messages = [];
  state.responses = [];
  state.readStates = [];
  state.ownVote = term(0);
  return outstanding;
}

/**
 * The oldest ready is durable: what this server acknowledges to itself counts from here on. Its entries count as far
 * as they still stand; its vote counts in the term for which it was given.
 */
export function advance(state: RaftState, ready: Ready): void {
  const oldest = state.outstanding.shift();
  assertInvariant(oldest?.ready === ready, 'readies are advanced in the order in which they were taken');
  state.log.endWrite();
  if (state.role === 'leader') acknowledgeOwn(state);
  if (state.role === 'candidate' && oldest.ownVote === state.term) countVote(state, state.id, true);
}

/**
 * A commit index alone is worth no write: it goes along with the next one, as a hint. With entries it must go, in the
 * same step: a leader sends a change of the members only once the one before it is applied, so whoever has the later
 * one on its disk knows there that the earlier one is committed, and after a crash is one configuration behind at most.
 * Majorities two apart need not overlap.
 */
function takeHardState(state: RaftState): HardState | undefined {
  const commit = state.log.committed;
  const commitChanged = commit !== state.toldHardState.commit;
  if (!termOrVoteChanged(state) && !(commitChanged && state.log.hasUnwritten)) return undefined;
  state.toldHardState = { term: state.term, vote: state.vote, commit };
  return state.toldHardState;
}

function termOrVoteChanged({ term: current, toldHardState, vote }: RaftState): boolean {
  return current !== toldHardState.term || vote !== toldHardState.vote;
}

function softStateChanged({ leader, role, toldSoftState }: RaftState): boolean {
  return role !== toldSoftState.role || leader !== toldSoftState.leader;
}
