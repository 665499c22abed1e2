import type { NodeId } from './ids.js';
import type { SnapshotMetadata } from './log-store.js';
import type { Progress } from './progress.js';
import { envelope, type RaftState } from './state.js';
import { membersOf } from './tracker.js';

/**
 * On the leader: a peer needs entries that were compacted away, so it gets the newest snapshot instead (§7). It gets
 * nothing else until an answer shows that it has caught up with the log, or the driver tells what became of it.
 */
export function sendSnapshot(state: RaftState, to: NodeId, progress: Progress): void {
  const { snapshot } = state.log;
  const obstacle = obstacleOf(snapshot, to, progress);
  if (!snapshot || obstacle !== undefined) {
    // A heartbeat's answer ends the pause: then it is tried again.
    progress.pause();
    if (obstacle !== undefined) state.logger.log('warn', `a peer is sent no snapshot: ${obstacle}`, { to });
    return;
  }
  const { index, term } = snapshot;
  progress.becomeSnapshot(index);
  state.messages.push({ kind: 'install-snapshot-request', ...envelope(state, to), snapshot });
  state.logger.log('info', 'a peer is sent a snapshot', { to, index, term, match: progress.match });
}

function obstacleOf(
  snapshot: SnapshotMetadata | undefined,
  to: NodeId,
  { recentlyActive }: Progress,
): string | undefined {
  if (!recentlyActive) return 'it was not heard of lately';
  if (!snapshot) return 'there is none, though the log was compacted';
  // It would ignore it, again and again: whoever drives this takes a newer snapshot after every change of members.
  if (!membersOf(snapshot.configuration).has(to)) return 'the newest one does not know it yet';
  return undefined;
}

/** What became of a snapshot that was sent. Either way the peer is left alone until it answers to something. */
export function reportSnapshot(state: RaftState, peer: NodeId, outcome: 'finished' | 'failed'): void {
  const progress = state.tracker.progress.get(peer);
  if (progress?.state !== 'snapshot') return;
  if (outcome === 'failed') progress.abandonSnapshot();
  progress.becomeProbe();
  progress.pause();
}

/** What was streamed to the peer is lost: where its log ends has to be asked again. */
export function reportUnreachable(state: RaftState, peer: NodeId): void {
  const progress = state.tracker.progress.get(peer);
  if (progress?.state === 'replicate') progress.becomeProbe();
}
