import type { Mutation } from '../mutation.js';

/** Snapshots, compaction, and what belongs into them: C28 to C34. */
export const SNAPSHOTS: readonly Mutation[] = [
  {
    name: 'a snapshot leaves the conflicting log behind it',
    point: 'C29',
    theme: 'snapshots',
    file: 'packages/storage/src/log-change.ts',
    find: 'keepsEntries: log.term(index) === term }',
    replace: 'keepsEntries: true }',
  },
  {
    name: 'a snapshot says that it is one entry further than it is',
    point: 'C28',
    theme: 'snapshots',
    file: 'packages/host/src/group-state.ts',
    find: 'index: this.appliedIndex, term: ',
    replace: 'index: index(this.appliedIndex + 1), term: ',
  },
  {
    name: 'a snapshot that was received is not installed in the machines',
    point: 'C30',
    theme: 'snapshots',
    file: 'packages/host/src/apply-loop.ts',
    find: '        await group.restore(stored);\n',
    replace: '',
  },
  {
    name: 'an older snapshot is installed',
    point: 'C31',
    theme: 'hasty',
    file: 'packages/raft/src/install-snapshot.ts',
    // Without this line alone it would hardly ever be: what is in the log already is not taken in again.
    find: '  if (index <= log.committed) return;\n',
    replace: '  if (index <= log.committed) return log.restore(snapshot);\n',
  },
  {
    name: 'sessions are left out of the snapshot',
    point: 'C32',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: 'sessions: [...this.sessions.all()],',
    replace: 'sessions: [],\n      // The subscriptions belong to them.\n',
  },
  {
    name: 'answers are left out of the snapshot',
    point: 'C32',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: 'sessions: [...this.sessions.all()],',
    replace: 'sessions: [...this.sessions.all()].map((session) => ({ ...session, replies: new Map() })),',
  },
  {
    name: 'subscriptions are not restored',
    point: 'C32',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: '    this.subscriptions.restore(subscriptions);\n',
    replace: '    this.subscriptions.restore({ ...subscriptions, topics: [] });\n',
  },
  {
    name: 'the time of the log is not restored',
    point: 'C32',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: '    this.#time = time;\n    this.machines.announceRestored();\n',
    replace: '    this.#time = 0 * time;\n    this.machines.announceRestored();\n',
  },
  {
    name: 'machines are not restored',
    point: 'C32',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: '    await this.machines.installLater(machines, giveWay);\n',
    replace: '    void machines;\n    void giveWay;\n',
  },
  {
    name: 'pending events are left out of the snapshot',
    point: 'C32',
    theme: 'events',
    file: 'packages/state-machine/src/subscriptions.ts',
    find: '  return { key: topic.key, events: topic.from(first), subscriptions };\n',
    replace:
      '  return { key: topic.key, events: [], subscriptions: subscriptions.map((one) => ({ ...one, seen: 0 })) };\n',
  },
];
