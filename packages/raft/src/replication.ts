import type { Entry } from './entry.js';
import { type Index, index, type NodeId } from './ids.js';
import { bytesOf } from './log.js';
import type { AppendRequest, AppendResponse } from './message.js';
import type { Progress } from './progress.js';
import { committedIndex } from './quorum.js';
import { releaseEarlyReads } from './reads.js';
import { peersOf, type RaftState } from './state.js';

/** A leader adds entries of its own term behind its log (§5.3). */
export function appendOwn(state: RaftState, data: readonly Uint8Array[]): void {
  const { log, term } = state;
  const first = log.lastIndex + 1;
  log.append(
    data.map((bytes, at): Entry => ({ term, index: index(first + at), kind: 'normal', data: bytes })),
  );
  markAllDirty(state);
}

/** Builds what every peer has not been told; called when a ready is taken, so that a turn's entries leave together. */
export function flushAppends(state: RaftState): void {
  if (state.role !== 'leader') return;
  for (const peer of peersOf(state)) {
    const progress = state.progress.get(peer);
    if (!progress) continue;
    while (progress.isDirty && !progress.isPaused) sendAppend(state, peer, progress);
  }
}

function sendAppend(state: RaftState, to: NodeId, progress: Progress): void {
  const { log, settings } = state;
  const previousIndex = index(progress.next - 1);
  const previousTerm = log.term(previousIndex);
  if (previousTerm === undefined) return void (progress.isDirty = false);
  const entries = log.entries(progress.next, settings.maxMessageBytes);
  const last = index(previousIndex + entries.length);
  const head = { from: state.id, to, term: state.term, previousIndex, previousTerm };
  state.messages.push({ kind: 'append-request', ...head, entries, commit: log.committed });
  progress.sent(last, entries.length, bytesOf(entries));
  progress.isDirty = last < log.lastIndex;
}

export function handleAppendRequest(state: RaftState, request: AppendRequest): void {
  const { log } = state;
  const head = { kind: 'append-response', from: state.id, to: request.from, term: state.term } as const;
  if (request.previousIndex < log.committed) {
    // All before the commit index matches by definition.
    state.responses.push({ ...head, rejected: false, matchIndex: log.committed });
    return;
  }
  const previous = { index: request.previousIndex, term: request.previousTerm };
  if (!log.matches(previous)) {
    const hint = log.findConflict(previous);
    const rejection = { rejectedIndex: previous.index, hintIndex: hint.index, hintTerm: hint.term };
    state.responses.push({ ...head, rejected: true, ...rejection });
    return;
  }
  log.merge(request.entries);
  const matchIndex = index(request.previousIndex + request.entries.length);
  log.commitTo(index(Math.min(request.commit, matchIndex)));
  state.responses.push({ ...head, rejected: false, matchIndex });
}

export function handleAppendResponse(state: RaftState, response: AppendResponse): void {
  const progress = state.progress.get(response.from);
  if (!progress) return;
  progress.recentActive = true;
  if (response.rejected) {
    const hint = state.log.findConflict({ index: response.hintIndex, term: response.hintTerm });
    if (progress.reject(response.rejectedIndex, hint.index)) progress.isDirty = true;
    return;
  }
  const wasPaused = progress.isPaused;
  const isNews = progress.acknowledge(response.matchIndex);
  if (progress.state === 'probe' && (isNews || response.matchIndex === progress.match))
    progress.becomeReplicate();
  if (isNews) maybeCommit(state);
  if (wasPaused || progress.next <= state.log.lastIndex) progress.isDirty = true;
}

/** The leader's own write of its own term is durable: it counts itself, not before (thesis §10.2.1). */
export function acknowledgeOwn(state: RaftState, at: Index): void {
  if (state.role === 'leader' && state.progress.get(state.id)?.acknowledge(at)) maybeCommit(state);
}

/** Counting decides for entries of the leader's own term only; those before come along (§5.4.2, figure 8). */
export function maybeCommit(state: RaftState): void {
  const { log } = state;
  const at = index(committedIndex(state.voters.map((voter) => state.progress.get(voter)?.match ?? 0)));
  if (at <= log.committed || log.term(at) !== state.term) return;
  const newly = log.entries(index(log.committed + 1), Number.MAX_SAFE_INTEGER, at + 1);
  log.commitTo(at);
  state.uncommittedBytes = Math.max(0, state.uncommittedBytes - bytesOf(newly));
  releaseEarlyReads(state);
  markAllDirty(state);
}

function markAllDirty(state: RaftState): void {
  for (const progress of state.progress.values()) progress.isDirty = true;
}
