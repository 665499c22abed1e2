import { index } from './ids.js';
import type { Heartbeat, HeartbeatResponse } from './message.js';
import { peersOf, type RaftState } from './state.js';

/** A leader speaks: the others learn its commit index, and which reads wait. */
export function sendHeartbeats(state: RaftState): void {
  for (const to of peersOf(state)) {
    const match = state.progress.get(to)?.match ?? 0;
    // Never above what the peer has: it could take another entry at that index for committed.
    const commit = index(Math.min(match, state.log.committed));
    const head = { from: state.id, to, term: state.term };
    state.messages.push({ kind: 'heartbeat', ...head, commit, readSequence: state.readSequence });
  }
}

export function handleHeartbeat(state: RaftState, heartbeat: Heartbeat): void {
  state.log.commitTo(index(Math.min(heartbeat.commit, state.log.lastIndex)));
  const head = { from: state.id, to: heartbeat.from, term: state.term };
  state.messages.push({ kind: 'heartbeat-response', ...head, readSequence: heartbeat.readSequence });
}

/** A peer that answers but does not have everything is sent again what may have been lost (etcd #13951). */
export function handleHeartbeatResponse(state: RaftState, response: HeartbeatResponse): void {
  const progress = state.progress.get(response.from);
  if (!progress) return;
  progress.recentActive = true;
  progress.freeOne();
  if (progress.match < state.log.lastIndex) progress.isDirty = true;
}
