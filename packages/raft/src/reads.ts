import { type Index, NOBODY } from './ids.js';
import { hasLease } from './lease.js';
import type { ReadIndexRequest, ReadIndexResponse } from './message.js';
import { envelope, type PendingRead, type RaftState } from './state.js';

/** Reads that a leader keeps at most, its own and its followers', until they are proven. */
const MAX_PENDING_READS = 4096;

/** What is asked for a read. */
type ReadQuestion = Omit<PendingRead, 'from'>;

/**
 * Asks at which index a read is linearizable (thesis §6.4): a leader keeps the question, a follower sends it on.
 *
 * @returns False when no leader is known, or when it keeps too many.
 */
export function readIndex(state: RaftState, question: ReadQuestion): boolean {
  if (state.role === 'leader') return keepRead(state, { ...question, from: state.id });
  if (state.leader === NOBODY) return false;
  state.messages.push({ kind: 'read-index-request', ...envelope(state, state.leader), ...question });
  return true;
}

export function handleReadIndexRequest(state: RaftState, { context, from, proof }: ReadIndexRequest): void {
  if (state.role !== 'leader') return;
  if (!keepRead(state, { context, from, proof })) {
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
 * Whether reads wait that something can be done for now. Before an entry of its own term is committed, a leader does
 * not know how far its predecessors committed: until then they stay (§8; etcd #7331).
 */
export function canServeReads(state: RaftState): boolean {
  const { log, ownFrom, role, waitingReads } = state;
  if (role !== 'leader' || waitingReads.length === 0 || log.committed < ownFrom) return false;
  return canBeginRound(state) || (hasLease(state) && waitingReads.some(trustsLease));
}

/**
 * One round is under way at a time: what comes meanwhile waits for the next one, which all of it shares. A heartbeat
 * that leaves anyway begins one as well, so that a round of which every message was lost holds nobody up.
 */
function canBeginRound({ heartbeatIsDue, readRounds }: RaftState): boolean {
  return readRounds.length === 0 || heartbeatIsDue;
}

function trustsLease({ proof }: PendingRead): boolean {
  return proof === 'lease';
}

/** Answers the reads that a lease is proof enough for, and begins a round of heartbeats for all others. */
export function serveReads(state: RaftState): void {
  if (!canServeReads(state)) return;
  if (hasLease(state)) {
    const leased = state.waitingReads.filter(trustsLease);
    state.waitingReads = state.waitingReads.filter((read) => !trustsLease(read));
    release(state, state.log.committed, leased);
  }
  if (state.waitingReads.length > 0 && canBeginRound(state)) beginRound(state);
}

function beginRound(state: RaftState): void {
  const { log, waitingReads: reads } = state;
  state.waitingReads = [];
  state.readRoundsBegun++;
  const sequence = ++state.readSequence;
  state.readRounds.push({ sequence, index: log.committed, reads });
  state.heartbeatIsDue = true;
  const own = state.tracker.progress.get(state.id);
  if (own) own.readSequence = sequence;
  // Alone, a leader has its proof at once.
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
