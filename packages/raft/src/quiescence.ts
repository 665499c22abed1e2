import { type Index, NOBODY, type NodeId, type Term } from './ids.js';
import type { Message } from './message.js';
import { drawElectionTimeout, type RaftState } from './state.js';

/**
 * # Quiescence
 *
 * A group that has nothing to do need not beat (CockroachDB's quiescence, TiKV's hibernate regions). Its leader is at rest
 * when all have all entries and know them to be committed, and idle when it has been so for an election timeout. Then its
 * driver asks those of the others whether they agree, by whatever way it has; and when all do, ticks change nothing on any
 * of them until something stirs one: whatever is asked of it, or any message but a heartbeat of that leader.
 *
 * From then on it is the drivers who see to it that nobody rests beside a leader that is gone: they wake every follower
 * when they do not hear from the leader's driver for an election timeout, or hear that its group is not quiet, and the
 * leader when a follower's driver says so, or nothing.
 *
 * Safety does not depend on it: no server forgets or grants anything when it rests. Leases (thesis §6.4.1) do depend on
 * ticks. So a leader at rest has none, and must hear a round of answers before it has one again; and a follower at rest
 * keeps its silence for no shorter time than one that ticks.
 */

/** What a leader and those who follow it have in common, when there is nothing to do. */
export interface RestingPoint {
  readonly leader: NodeId;
  readonly term: Term;
  /** The end of the log, committed and applied. */
  readonly lastIndex: Index;
}

/** Whether all that is in this server's log is durable, committed and applied. */
function isDone({ changesHandedOut, log }: RaftState): boolean {
  const { lastIndex } = log;
  const isApplied = log.committed === lastIndex && log.applied === lastIndex;
  return isApplied && log.durableIndex === lastIndex && changesHandedOut.length === 0;
}

function isAtRest(state: RaftState): boolean {
  const { id, leadTransferee, log, ownFrom, readRounds, tracker, waitingReads } = state;
  if (state.role !== 'leader' || leadTransferee !== NOBODY || !isDone(state)) return false;
  if (log.committed < ownFrom || waitingReads.length > 0 || readRounds.length > 0) return false;
  if (tracker.configuration.votersOutgoing.length > 0) return false;
  for (const [peer, { match, state: progress }] of tracker.progress) {
    if (peer !== id && (progress !== 'replicate' || match !== log.lastIndex)) return false;
  }
  return true;
}

/** One tick of a leader. */
export function tickRest(state: RaftState): void {
  state.idleTicks = isAtRest(state) ? state.idleTicks + 1 : 0;
}

/** Where a leader has been at rest for an election timeout; `undefined` on any other server. */
export function restingPointOf(state: RaftState): RestingPoint | undefined {
  const { id, idleTicks, log, settings, term } = state;
  if (!state.isQuiet && (idleTicks < settings.electionTicks || !isAtRest(state))) return undefined;
  return state.role === 'leader' ? { leader: id, term, lastIndex: log.lastIndex } : undefined;
}

/** @returns Whether it is quiet now: a leader where it was idle, a follower where it is where its leader is. */
export function quiesce(state: RaftState, at: RestingPoint): boolean {
  const { leader, log, role, term } = state;
  const isThere = leader === at.leader && term === at.term && log.lastIndex === at.lastIndex && isDone(state);
  if (!isThere || (role === 'leader' ? !restingPointOf(state) : role !== 'follower')) return false;
  if (state.isQuiet) return true;
  state.isQuiet = true;
  state.electionElapsed = 0;
  state.leaseRounds = [];
  state.heartbeatIsDue = false;
  return true;
}

/** Something is asked of this server, or was heard: it counts ticks again, from the beginning. */
export function wake(state: RaftState): void {
  state.idleTicks = 0;
  if (!state.isQuiet) return;
  state.isQuiet = false;
  state.electionElapsed = 0;
  if (state.role !== 'leader') return drawElectionTimeout(state);
  // Whom it heard before it rested may be gone by now: its quorum is counted from here on.
  for (const [peer, progress] of state.tracker.progress) progress.recentlyActive = peer === state.id;
  state.heartbeatElapsed = 0;
  state.heartbeatIsDue = true;
}

/** Whether a message is no reason to do more than to answer it: what was on its way while the others came to rest. */
export function stirs({ log, term, leader }: RaftState, message: Message): boolean {
  if (message.term !== term) return true;
  if (message.kind === 'heartbeat') return message.from !== leader || message.commit > log.committed;
  return message.kind !== 'heartbeat-response';
}
