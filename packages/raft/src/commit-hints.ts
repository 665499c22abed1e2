import { type Index, type Term, term } from './ids.js';
import type { PreVoteResponse, VoteResponse } from './message.js';
import type { RaftState } from './state.js';

/** What this server knows to be committed, for whoever asks for its vote. */
export function commitHint({ log }: RaftState): { readonly commit: Index; readonly commitTerm: Term } {
  const commit = log.committed;
  return { commit, commitTerm: log.term(commit) ?? term(0) };
}

/**
 * What is committed anywhere and matches this log is committed here. It matters where members change: a server that
 * was removed knows it and never campaigns, and with a longer log it refuses those who do not know it and still need
 * its vote. Without its hint nobody could ever lead (TiKV's raft-rs: commit by vote;
 * scripts/a_candidate_learns_of_a_change_from_who_refuses_it.txt).
 */
export function learnCommit(state: RaftState, response: VoteResponse | PreVoteResponse): void {
  const { log, role } = state;
  const { commit, commitTerm, granted } = response;
  if (granted || role === 'leader' || commit <= log.committed) return;
  if (log.matches({ index: commit, term: commitTerm })) log.commitTo(commit);
}
