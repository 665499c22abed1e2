import { NOBODY } from './ids.js';
import type { RaftState } from './state.js';

/**
 * # Lease reads (thesis §6.4.1)
 *
 * Who heard from a leader helps no other for `electionTicks` of its own ticks. So when a majority has answered a round
 * of heartbeats, no other leader can have come for about as long since that round was *sent*, and reads need no round
 * of their own. It holds only while
 *
 * - the ticks of all servers follow real time, up to the margin below: a driver that stood still says so (`paused`),
 * - nobody is asked to campaign: a transfer ends the lease for the rest of the term,
 * - nobody who answered forgets it: a server votes for nobody within `electionTicks` of its start or of hearing from
 *   any leader, whatever term it entered since, forgets no leader on request, and ignores `campaign()` meanwhile.
 *
 * All servers of a group therefore have the same `electionTicks` and `readOnlyOption`. Whoever cannot vouch for the
 * clocks reads by rounds.
 */

/**
 * How many ticks after a round was sent its lease still holds. A tick of the leader may begin right after the round,
 * and a follower's first tick right after it arrived: that is one tick on either side. A tenth is for clocks that
 * run apart. Below 0: never.
 */
export function leaseTicksOf(electionTicks: number): number {
  return electionTicks - 2 - Math.ceil(electionTicks / 10);
}

/** A round of heartbeats leaves: it gets a number, by which the answers name it. */
export function noteLeaseRound(state: RaftState): void {
  const { id, leaseRounds, leaderTicks, settings, tracker } = state;
  if (settings.readOnlyOption !== 'lease') return;
  const sequence = ++state.readSequence;
  leaseRounds.push({ sequence, sentAt: leaderTicks });
  const own = tracker.progress.get(id);
  if (own) own.readSequence = sequence;
  const limit = leaseTicksOf(settings.electionTicks);
  while (leaseRounds[0] && leaderTicks - leaseRounds[0].sentAt > limit) leaseRounds.shift();
}

/** Whether no other server can have been elected yet. Judged anew for every read, by the configuration of the day. */
export function hasLease(state: RaftState): boolean {
  const { leadTransferee, leaderTicks, leaseIsOver, leaseRounds, settings, tracker } = state;
  if (settings.readOnlyOption !== 'lease' || leaseIsOver || leadTransferee !== NOBODY) return false;
  const proven = tracker.provenReadSequence;
  const latest = leaseRounds.findLast(({ sequence }) => sequence <= proven);
  return latest !== undefined && leaderTicks - latest.sentAt <= leaseTicksOf(settings.electionTicks);
}

/** A leader was heard of, and may trust the answer. */
export function beSilent(state: RaftState): void {
  const { electionTicks, readOnlyOption } = state.settings;
  if (readOnlyOption === 'lease') state.silentTicks = electionTicks;
}

export function tickSilence(state: RaftState): void {
  if (state.silentTicks > 0) state.silentTicks--;
}
