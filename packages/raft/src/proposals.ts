import { CodedError } from '@decoraft/base';
import { type Index, index, NOBODY } from './ids.js';
import type { ProposedEntry } from './message.js';
import { envelope, type RaftState } from './state.js';
import type { ProposeRefusal, ProposeResult } from './status.js';

/** A leader appends entries of its own term (§5.3), all or none. They leave with the next ready. */
export function propose(state: RaftState, data: readonly Uint8Array[]): ProposeResult {
  if (data.length === 0) throw new CodedError('InvalidArgument', 'propose was given no entry');
  const entries = data.map((one): ProposedEntry => ({ kind: 'normal', data: one }));
  return mayForward(state) ? forward(state, entries) : proposeEntries(state, entries);
}

export function proposeEntries(state: RaftState, entries: readonly ProposedEntry[]): ProposeResult {
  const reason = refusalOf(state, bytesOfProposed(entries));
  if (reason) return { ok: false, reason };
  return { ok: true, term: state.term, firstIndex: appendOwn(state, entries) };
}

/** Whether there is a leader elsewhere who takes proposals from this server. */
export function mayForward({ leader, role, settings }: RaftState): boolean {
  return settings.proposalForwarding && role === 'follower' && leader !== NOBODY;
}

/** Who proposes here waits for the entry to be applied here, and has a limit: the message may be lost. */
export function forward(
  state: RaftState,
  entries: readonly ProposedEntry[],
): { readonly ok: false; readonly reason: 'Forwarded' } {
  state.messages.push({ kind: 'propose-request', ...envelope(state, state.leader), entries });
  return { ok: false, reason: 'Forwarded' };
}

/** Why proposals of so many bytes cannot be taken here and now. */
export function refusalOf(state: RaftState, bytes: number): ProposeRefusal | undefined {
  const { leadTransferee, role, settings, uncommitted } = state;
  if (role !== 'leader') return 'NotLeader';
  // The log stands still meanwhile, so that the next leader can catch up with it (thesis §3.10).
  if (leadTransferee !== NOBODY) return 'TransferInProgress';
  // While nothing waits, even a proposal beyond the limit is taken: it could never be otherwise.
  const isBeyond = uncommitted.bytes + bytes > settings.maxUncommittedBytes;
  return uncommitted.bytes > 0 && bytes > 0 && isBeyond ? 'Overloaded' : undefined;
}

/** @returns The index of the first. */
export function appendOwn({ log, term, uncommitted }: RaftState, entries: readonly ProposedEntry[]): Index {
  const firstIndex = index(log.lastIndex + 1);
  let at: number = firstIndex;
  for (const { data, kind } of entries) log.append({ term, index: index(at++), kind, data });
  uncommitted.add(log.lastIndex, bytesOfProposed(entries));
  return firstIndex;
}

function bytesOfProposed(entries: readonly ProposedEntry[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.length;
  return bytes;
}
