import { commitHint } from './commit-hints.js';
import { index, NOBODY, type NodeId } from './ids.js';
import type { Message } from './message.js';
import { becomeFollower } from './roles.js';
import { envelope, type RaftState } from './state.js';

/**
 * Compares the message's term with the own one (§5.1): a later term is entered, an earlier one is answered so that
 * its sender learns of the later.
 *
 * @returns Whether the message is to be handled.
 */
export function meetTerm(state: RaftState, message: Message): boolean {
  if (message.term > state.term) return meetLaterTerm(state, message);
  if (message.term < state.term) {
    answerEarlierTerm(state, message);
    return false;
  }
  return true;
}

function meetLaterTerm(state: RaftState, message: Message): boolean {
  switch (message.kind) {
    case 'vote-request':
      if (isInLease(state) && !message.transfer) return false;
      becomeFollower(state, message.term, NOBODY);
      return true;
    case 'pre-vote-request':
      // It names a term that nobody has entered yet, and never makes anybody enter it (thesis §9.6).
      return !isInLease(state);
    case 'pre-vote-response':
      // A grant carries the term that would be entered; a refusal carries the refuser's own.
      if (!message.granted) becomeFollower(state, message.term, NOBODY);
      return true;
    case 'append-request':
    case 'heartbeat':
    case 'install-snapshot-request':
      becomeFollower(state, message.term, message.from);
      return true;
    default:
      becomeFollower(state, message.term, NOBODY);
      return true;
  }
}

/**
 * Whether a leader was heard of within the shortest election timeout: then whoever campaigns was cut off, or is not
 * in the cluster any more, and gets no answer (thesis §4.2.3, §6.2). Where reads trust leases, one may have been heard
 * of right before the start.
 */
export function isInLease({ electionElapsed, leader, settings, silentTicks }: RaftState): boolean {
  if (!settings.checkQuorum) return false;
  return silentTicks > 0 || (leader !== NOBODY && electionElapsed < settings.electionTicks);
}

function answerEarlierTerm(state: RaftState, message: Message): void {
  const head = envelope(state, message.from);
  switch (message.kind) {
    case 'append-request':
      // Where neither is on, etcd's core is silent. The heartbeats are answered all the same: that is enough.
      if (!state.settings.checkQuorum && !state.settings.preVote) return;
      tellLaterTerm(state, message.from);
      return;
    case 'heartbeat':
    case 'install-snapshot-request':
      // A server that comes back with a later term is in nobody's lease and can win no pre-vote: unless the leader
      // learns of the term here, it could neither be led nor lead (etcd's "free stuck candidate").
      tellLaterTerm(state, message.from);
      return;
    case 'pre-vote-request':
      // Else two servers, one with the later term and one with the longer log, could wait for ever (etcd #8501).
      state.responses.push({ kind: 'pre-vote-response', ...head, ...commitHint(state), granted: false });
      return;
    case 'vote-request':
      state.responses.push({ kind: 'vote-response', ...head, ...commitHint(state), granted: false });
      return;
    default:
      return;
  }
}

function tellLaterTerm(state: RaftState, to: NodeId): void {
  const head = envelope(state, to);
  state.responses.push({ kind: 'append-response', ...head, rejected: false, matchIndex: index(0) });
}
