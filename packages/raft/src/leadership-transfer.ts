import { campaignByTransfer } from './election.js';
import { NOBODY, type NodeId } from './ids.js';
import type { TimeoutNow, TransferRequest } from './message.js';
import type { Progress } from './progress.js';
import { envelope, type RaftState } from './state.js';
import type { TransferResult } from './status.js';

/** A leader hands its place over (thesis §3.10); whoever follows one passes the wish on. */
export function transferLeadership(state: RaftState, transferee: NodeId): TransferResult {
  if (state.role === 'leader') return beginTransfer(state, transferee);
  const { leader } = state;
  if (leader === NOBODY) return { ok: false, reason: 'NotLeader' };
  if (leader !== transferee) {
    state.messages.push({ kind: 'transfer-request', ...envelope(state, leader), transferee });
  }
  return { ok: true };
}

export function handleTransferRequest(state: RaftState, { from, transferee }: TransferRequest): void {
  if (state.role !== 'leader') return;
  const result = beginTransfer(state, transferee);
  if (!result.ok) state.logger.log('warn', `a transfer was refused: ${result.reason}`, { from, transferee });
}

/** Another transfer that is under way ends by it; the same one goes on as if nothing had been said. */
function beginTransfer(state: RaftState, transferee: NodeId): TransferResult {
  const { id, leadTransferee, log, tracker } = state;
  const progress = tracker.progress.get(transferee);
  if (!progress || !tracker.isVoter(transferee)) return { ok: false, reason: 'NotVoter' };
  if (transferee === leadTransferee) return { ok: true };
  abortTransfer(state);
  if (transferee === id) return { ok: true };
  state.leadTransferee = transferee;
  // It has one election timeout from now on: longer, and who proposes would wait for nothing.
  state.electionElapsed = 0;
  state.logger.log('info', 'leadership is being transferred', { transferee });
  if (progress.match === log.lastIndex) sendTimeoutNow(state, transferee);
  else progress.ask();
  return { ok: true };
}

/** The one who is to lead has caught up: nothing is appended meanwhile, so that it can. */
export function maybeFinishTransfer(state: RaftState, from: NodeId, { match }: Progress): void {
  if (from === state.leadTransferee && match === state.log.lastIndex) sendTimeoutNow(state, from);
}

/**
 * From here on the leases of this term are worth nothing: the receiver may be elected at any time, also when the
 * transfer is given up before the message arrives (etcd #20418; checklist C37, C38).
 */
function sendTimeoutNow(state: RaftState, to: NodeId): void {
  state.leaseIsOver = true;
  state.messages.push({ kind: 'timeout-now', ...envelope(state, to) });
}

/** The leader stays, and takes proposals again. */
export function abortTransfer(state: RaftState): void {
  if (state.leadTransferee === NOBODY) return;
  state.logger.log('info', 'a transfer of leadership ended', { transferee: state.leadTransferee });
  state.leadTransferee = NOBODY;
}

export function handleTimeoutNow(state: RaftState, { from }: TimeoutNow): void {
  if (state.role !== 'follower') return;
  state.logger.log('info', 'the leader asks for a campaign', { from });
  campaignByTransfer(state);
}

/**
 * A follower that knows by other means that its leader is gone votes at once, instead of protecting it for an
 * election timeout. Where reads trust leases, that protection is what they stand on.
 */
export function forgetLeader(state: RaftState): void {
  if (state.role !== 'follower' || state.settings.readOnlyOption === 'lease') return;
  state.leader = NOBODY;
}
