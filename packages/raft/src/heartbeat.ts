import { index, NOBODY } from './ids.js';
import type { Heartbeat, HeartbeatResponse } from './message.js';
import { abortTransfer } from './leadership-transfer.js';
import { noteLeaseRound, tickSilence } from './lease.js';
import { tickRest } from './quiescence.js';
import { becomeFollower } from './roles.js';
import { envelope, type RaftState } from './state.js';

/** One tick of a leader: it checks that it still leads, then says so. */
export function tickHeartbeat(state: RaftState, at?: number): void {
  const { checkQuorum, electionTicks, heartbeatTicks } = state.settings;
  state.leaderTicks++;
  tickSilence(state);
  state.electionElapsed++;
  if (state.electionElapsed >= electionTicks) {
    state.electionElapsed = 0;
    if (checkQuorum) stepDownWithoutQuorum(state);
    // Who was to lead has not campaigned within an election timeout (thesis §3.10).
    abortTransfer(state);
  }
  if (state.role !== 'leader') return;
  tickRest(state);
  state.heartbeatElapsed++;
  if (at === undefined ? state.heartbeatElapsed < heartbeatTicks : at % heartbeatTicks !== 0) return;
  state.heartbeatElapsed = 0;
  state.heartbeatIsDue = true;
}

/** A leader that heard of no majority for an election timeout may be one of the past (thesis §6.2). */
function stepDownWithoutQuorum(state: RaftState): void {
  if (state.tracker.takeQuorumActive(state.id)) return;
  state.logger.log('warn', 'heard of no majority for an election timeout', { term: state.term });
  becomeFollower(state, state.term, NOBODY);
}

/** Sent when a ready is taken: a tick and the reads of the same turn share one. */
export function sendHeartbeats(state: RaftState): void {
  if (!state.heartbeatIsDue) return;
  state.heartbeatIsDue = false;
  noteLeaseRound(state);
  const readSequence = state.leaseRounds.at(-1)?.sequence ?? state.readRounds.at(-1)?.sequence ?? 0;
  for (const [to, { match }] of state.tracker.progress) {
    if (to === state.id) continue;
    // Behind its match the peer may have other entries, which are not the committed ones.
    const commit = index(Math.min(match, state.log.committed));
    state.messages.push({ kind: 'heartbeat', ...envelope(state, to), commit, readSequence });
  }
}

export function handleHeartbeat(state: RaftState, { commit, from, readSequence }: Heartbeat): void {
  state.log.commitTo(commit);
  state.messages.push({ kind: 'heartbeat-response', ...envelope(state, from), readSequence });
}

/** A peer that lives but lacks entries may have lost a request: it is asked once more (etcd #13951). */
export function handleHeartbeatResponse(state: RaftState, { from, readSequence }: HeartbeatResponse): void {
  const progress = state.tracker.progress.get(from);
  if (!progress) return;
  progress.recentlyActive = true;
  progress.readSequence = Math.max(progress.readSequence, readSequence);
  progress.resume();
  if (progress.match < state.log.lastIndex || progress.state === 'probe') progress.probeIsDue = true;
}
