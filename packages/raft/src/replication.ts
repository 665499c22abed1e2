import type { Entry } from './entry.js';
import { type Index, index, type NodeId } from './ids.js';
import { maybeFinishTransfer } from './leadership-transfer.js';
import { bytesOf } from './log.js';
import type { AppendResponse } from './message.js';
import type { Progress } from './progress.js';
import { sendSnapshot } from './snapshots.js';
import { envelope, type RaftState } from './state.js';

/** Whether some peer has not been told all that it may be told now. */
export function hasAppends(state: RaftState): boolean {
  for (const [peer, progress] of state.tracker.progress) {
    if (peer !== state.id && wantsAppend(state, progress)) return true;
  }
  return false;
}

/**
 * Writes to every peer what it has not been told, up to its window. This happens when a ready is taken, so that all
 * that one turn of the event loop appended and committed leaves as one request to each.
 */
export function sendAppends(state: RaftState): void {
  // Peers that are equally far, as they mostly are, get the same entries: sliced and measured once.
  const batches = new Map<Index, Batch>();
  for (const [peer, progress] of state.tracker.progress) {
    if (peer === state.id) continue;
    while (wantsAppend(state, progress)) sendAppend(state, peer, progress, batches);
  }
}

interface Batch {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

const NO_BATCH: Batch = { entries: [], bytes: 0 };

function wantsAppend({ log }: RaftState, progress: Progress): boolean {
  return progress.wantsAppend(log.lastIndex, log.committed);
}

function sendAppend(state: RaftState, to: NodeId, progress: Progress, batches: Map<Index, Batch>): void {
  const { log } = state;
  const previousIndex = index(progress.next - 1);
  const previousTerm = log.term(previousIndex);
  if (previousTerm === undefined) {
    sendSnapshot(state, to, progress);
    return;
  }
  const { bytes, entries } = progress.mayCarryEntries ? batchFrom(state, progress.next, batches) : NO_BATCH;
  const commit = log.committed;
  const head = envelope(state, to);
  state.messages.push({ kind: 'append-request', ...head, previousIndex, previousTerm, entries, commit });
  progress.sent(entries.length, bytes, commit);
}

function batchFrom({ log, settings }: RaftState, from: Index, batches: Map<Index, Batch>): Batch {
  const known = batches.get(from);
  if (known) return known;
  const entries = log.entries(from, log.lastIndex + 1, settings.maxMessageBytes);
  const batch = { entries, bytes: bytesOf(entries) };
  batches.set(from, batch);
  return batch;
}

export function handleAppendResponse(state: RaftState, response: AppendResponse): void {
  const { log } = state;
  const progress = state.tracker.progress.get(response.from);
  if (!progress) return;
  progress.recentlyActive = true;
  if (response.rejected) {
    // The peer's hint skipped its terms that are too new; the leader now skips its own (§5.3).
    const hint = { index: response.hintIndex, term: response.hintTerm };
    const next = hint.term > 0 ? log.findConflictByTerm(hint).index : hint.index;
    progress.reject(response.rejectedIndex, next);
    return;
  }
  if (response.matchIndex > log.lastIndex) {
    const { from, matchIndex } = response;
    state.logger.log('error', 'a peer acknowledged entries that were never sent', { from, matchIndex });
    return;
  }
  if (!progress.acknowledge(response.matchIndex, log.firstIndex)) return;
  maybeCommit(state);
  maybeFinishTransfer(state, response.from, progress);
}

/** Own entries became durable: only now does the leader count itself (thesis §10.2.1). */
export function acknowledgeOwn(state: RaftState): void {
  const { id, log, tracker } = state;
  if (tracker.progress.get(id)?.acknowledge(log.durableIndex, log.firstIndex)) maybeCommit(state);
}

/**
 * Counting commits entries of the leader's own term only; those before come along (§5.4.2). An older entry on a
 * majority can still be replaced (figure 8).
 */
export function maybeCommit(state: RaftState): void {
  const { log, ownFrom, tracker, uncommitted } = state;
  const committed = tracker.committed;
  if (committed < ownFrom || committed <= log.committed) return;
  log.commitTo(committed);
  uncommitted.freeUpTo(committed);
}
