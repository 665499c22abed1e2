import { type Index, NOBODY } from './ids.js';
import { hasLease } from './lease.js';
import type { ReadIndexRequest, ReadIndexResponse } from './message.js';
import { envelope, type PendingRead, type RaftState } from './state.js';

/** Reads that a leader keeps at most, its own and its followers', until they are proven. */
const MAX_PENDING_READS = 4096;

/**
 * Asks at which index a read is linearizable (thesis §6.4): a leader keeps the question, a follower sends it on.
 *
 * @returns False when no leader is known, or when it keeps too many.
 */
export function readIndex(state: RaftState, context: number): boolean {
  if (state.role === 'leader') return keepRead(state, { context, from: state.id });
  if (state.leader === NOBODY) return false;
  state.messages.push({ kind: 'read-index-request', ...envelope(state, state.leader), context });
  return true;
}

export function handleReadIndexRequest(state: RaftState, { context, from }: ReadIndexRequest): void {
  if (state.role !== 'leader') return;
  if (!keepRead(state, { context, from })) {
    state.logger.log('warn', 'too many reads wait; one of a follower was refused', { from });
  }
}

export function handleReadIndexResponse(state: RaftState, { context, index }: ReadIndexResponse): void {
  state.readStates.push({ context, index });
}

function keepRead(state: RaftState, read: PendingRead): boolean {
  const pending = state.readRounds.reduce((sum, { reads }) => sum + reads.length, state.waitingReads.length);
  if (pending >= MAX_PENDING_READS) return false;
  state.waitingReads.push(read);
  return true;
}

/**
 * Whether reads wait that a round can begin for. Before an entry of its own term is committed, a leader does not
 * know how far its predecessors committed: until then they stay (§8; etcd #7331).
 */
export function canBeginReadRound({ log, ownFrom, role, waitingReads }: RaftState): boolean {
  return role === 'leader' && waitingReads.length > 0 && log.committed >= ownFrom;
}

/**
 * One round of heartbeats for all reads that came in since the last ready. Alone, or within a lease, a leader has its
 * proof at once.
 */
export function beginReadRound(state: RaftState): void {
  if (!canBeginReadRound(state)) return;
  const { log, waitingReads: reads } = state;
  state.waitingReads = [];
  if (hasLease(state)) {
    release(state, log.committed, reads);
    return;
  }
  const sequence = ++state.readSequence;
  state.readRounds.push({ sequence, index: log.committed, reads });
  state.heartbeatIsDue = true;
  const own = state.tracker.progress.get(state.id);
  if (own) own.readSequence = sequence;
  releaseProvenReads(state);
}

/** Answers the reads of every round that a majority has answered: nobody else led when it began. */
export function releaseProvenReads(state: RaftState): void {
  const { readRounds, tracker } = state;
  if (readRounds.length === 0) return;
  const proven = tracker.provenReadSequence;
  const open = readRounds.findIndex(({ sequence }) => sequence > proven);
  const released = readRounds.splice(0, open === -1 ? readRounds.length : open);
  for (const { index, reads } of released) release(state, index, reads);
}

function release(state: RaftState, index: Index, reads: readonly PendingRead[]): void {
  for (const { context, from } of reads) {
    if (from === state.id) state.readStates.push({ context, index });
    else state.messages.push({ kind: 'read-index-response', ...envelope(state, from), context, index });
  }
}
