import { NOBODY, type NodeId } from './ids.js';
import type { HeartbeatResponse, ReadIndexRequest, ReadIndexResponse } from './message.js';
import { committedIndex } from './quorum.js';
import { sendHeartbeats } from './heartbeat.js';
import type { RaftState } from './state.js';

/** Reads that a leader keeps until an entry of its own term is committed, or until leadership is proven. */
const PENDING_LIMIT = 4_096;

/** Asks at which index a read is linearizable (thesis §6.4). @returns False when nobody can be asked. */
export function readIndex(state: RaftState, context: number): boolean {
  if (state.role === 'leader') return takeRead(state, { context, from: state.id });
  if (state.leader === NOBODY) return false;
  const head = { from: state.id, to: state.leader, term: state.term };
  state.messages.push({ kind: 'read-index-request', ...head, context });
  return true;
}

export function handleReadIndexRequest(state: RaftState, { context, from }: ReadIndexRequest): void {
  if (state.role === 'leader') takeRead(state, { context, from });
}

export function handleReadIndexResponse(state: RaftState, { context, index }: ReadIndexResponse): void {
  state.readStates.push({ context, index });
}

function takeRead(state: RaftState, read: { readonly context: number; readonly from: NodeId }): boolean {
  if (state.earlyReads.length + state.pendingReads.length >= PENDING_LIMIT) return false;
  // Before that, the leader does not know what its predecessors have committed (§8).
  if (state.log.term(state.log.committed) !== state.term) {
    state.earlyReads.push(read);
    return true;
  }
  prove(state, [read]);
  return true;
}

/** An entry of the leader's own term has been committed: the reads that waited for it go on, all in one round. */
export function releaseEarlyReads(state: RaftState): void {
  const early = state.earlyReads;
  if (early.length === 0 || state.log.term(state.log.committed) !== state.term) return;
  state.earlyReads = [];
  prove(state, early);
}

/** One round of heartbeats proves for all of them that nobody else led when they were taken in. */
function prove(
  state: RaftState,
  reads: readonly { readonly context: number; readonly from: NodeId }[],
): void {
  const sequence = ++state.readSequence;
  const index = state.log.committed;
  for (const { context, from } of reads) state.pendingReads.push({ context, from, index, sequence });
  state.readAcknowledged.set(state.id, sequence);
  if (state.voters.length > 1) sendHeartbeats(state);
  else confirmReads(state);
}

export function noteReadAcknowledgement(state: RaftState, { from, readSequence }: HeartbeatResponse): void {
  if (state.pendingReads.length === 0) return;
  state.readAcknowledged.set(from, Math.max(state.readAcknowledged.get(from) ?? 0, readSequence));
  confirmReads(state);
}

function confirmReads(state: RaftState): void {
  const proven = committedIndex(state.voters.map((voter) => state.readAcknowledged.get(voter) ?? 0));
  const confirmed = state.pendingReads.filter(({ sequence }) => sequence <= proven);
  if (confirmed.length === 0) return;
  state.pendingReads = state.pendingReads.filter(({ sequence }) => sequence > proven);
  for (const { context, from, index } of confirmed) {
    if (from === state.id) state.readStates.push({ context, index });
    else
      state.messages.push({
        kind: 'read-index-response',
        from: state.id,
        to: from,
        term: state.term,
        context,
        index,
      });
  }
}
