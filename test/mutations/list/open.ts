import type { Mutation } from '../mutation.js';

/**
 * Mistakes that the simulator was seen to miss, or finds too late to be relied on: either the worlds are too kind, or a
 * check is missing. Whatever is found within 2,000 seeds moves to the list of its section.
 */
export const OPEN: readonly Mutation[] = [
  {
    name: 'a leader of an earlier term gets no answer',
    point: 'C5',
    theme: 'storms',
    file: 'packages/raft/src/terms.ts',
    find: "  state.responses.push({ kind: 'append-response', ...head, rejected: false, matchIndex: index(0) });\n",
    replace: '',
  },
  {
    name: 'whoever hears a leader helps others to replace it',
    point: 'C6',
    theme: 'leases',
    file: 'packages/raft/src/terms.ts',
    find: '  return silentTicks > 0 || (leader !== NOBODY && electionElapsed < settings.electionTicks);\n',
    replace: '  return false;\n',
  },
  {
    name: 'a follower commits beyond what the leader sent',
    point: 'C13',
    theme: 'elections',
    file: 'packages/raft/src/append-entries.ts',
    find: 'log.commitTo(index(Math.min(request.commit, matchIndex)));',
    replace: 'log.commitTo(index(Math.min(request.commit, log.lastIndex)));',
  },
  {
    name: 'an acknowledgement of replaced entries counts for the new ones',
    point: 'C15',
    theme: 'disks',
    file: 'packages/raft/src/log.ts',
    find: '    for (const write of this.#writes) write.durable = Math.min(write.durable, at - 1);\n',
    replace: '',
  },
  {
    name: 'while joint, an election takes the new half only',
    point: 'C23',
    theme: 'members',
    file: 'packages/raft/src/quorum.ts',
    find: '  if (outgoing.length === 0) return voteResult(incoming);\n',
    replace: '  if (outgoing.length < 9) return voteResult(incoming);\n',
  },
  {
    name: 'while joint, commitment takes the new half only',
    point: 'C23',
    theme: 'members',
    file: 'packages/raft/src/quorum.ts',
    find: '  if (outgoing.length === 0) return majorityIndex(incoming);\n',
    replace: '  if (outgoing.length < 9) return majorityIndex(incoming);\n',
  },
  {
    name: 'an older snapshot is installed',
    point: 'C31',
    theme: 'storms',
    file: 'packages/raft/src/install-snapshot.ts',
    find: '  if (index <= log.committed) return;\n',
    replace: '',
  },
  {
    name: 'pending events are left out of the snapshot',
    point: 'C32',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: 'subscriptions: [...this.subscriptions.all()],',
    replace:
      'subscriptions: [...this.subscriptions.all()].map((one) => ({ ...one, pending: [], pendingBytes: 0 })),',
  },
  {
    name: 'a read begins before the first commit of the term',
    point: 'C35',
    theme: 'elections',
    file: 'packages/raft/src/reads.ts',
    find: "return role === 'leader' && waitingReads.length > 0 && log.committed >= ownFrom;",
    replace: "return role === 'leader' && waitingReads.length > 0 && log.committed >= 0 * ownFrom;",
  },
  {
    name: 'a read does not wait until its index is applied',
    point: 'C36',
    theme: 'elections',
    file: 'packages/host/src/raft-node.ts',
    find: '    await this.waitApplied(await confirmed);\n',
    replace: '    await confirmed;\n',
  },
  {
    name: 'an answer that is an error is not kept for retries',
    point: 'C39',
    theme: 'everything',
    file: 'packages/state-machine/src/sessions.ts',
    find: '    const reply = execute();\n',
    replace: "    const reply = execute();\n    if (reply.outcome.kind === 'error') return reply;\n",
  },
  {
    name: 'a new segment is renamed, and its directory not flushed',
    point: 'C44',
    theme: 'disks',
    file: 'packages/storage/src/segment.ts',
    find: '    await disk.rename(aside, path);\n    await disk.fsyncDirectory(directory);\n',
    replace: '    await disk.rename(aside, path);\n',
  },
  {
    name: 'a new leader forgets to wake those who listen',
    point: 'C41',
    theme: 'everything',
    file: 'packages/host/src/apply-loop.ts',
    find: '    wake(sessions);\n',
    replace: '    if (sessions.size > 1_000) wake(sessions);\n',
  },
];
