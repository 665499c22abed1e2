import type { Mutation } from '../mutation.js';

/** Reads and leases: C35 to C38. */
export const READS: readonly Mutation[] = [
  {
    name: 'a read is answered without asking anybody',
    point: 'C35',
    theme: 'reads',
    file: 'packages/raft/src/reads.ts',
    find: 'readRounds.findIndex(({ sequence }) => sequence > proven)',
    replace: 'readRounds.findIndex(({ sequence }) => sequence > proven + 1_000_000)',
  },
  {
    name: 'a read begins before the first commit of the term',
    point: 'C35',
    theme: 'tied',
    file: 'packages/raft/src/reads.ts',
    find: "if (role !== 'leader' || waitingReads.length === 0 || log.committed < ownFrom) return false;",
    replace:
      "if (role !== 'leader' || waitingReads.length === 0 || log.committed < 0 * ownFrom) return false;",
  },
  {
    name: 'a session read does not wait for what its client has seen',
    point: 'C36',
    theme: 'elections',
    file: 'packages/host/src/query-service.ts',
    find: '  return replica.appliedIndex >= minIndex;\n',
    replace: '  return replica.appliedIndex >= 0 * minIndex;\n',
  },
  {
    name: 'a read does not wait until its index is applied',
    point: 'C36',
    theme: 'tied',
    file: 'packages/host/src/reads.ts',
    find: '    await this.waitApplied(await confirmed);\n',
    replace: '    await confirmed;\n',
  },
  {
    name: 'a lease is twice as long',
    point: 'C37',
    theme: 'leases',
    file: 'packages/raft/src/lease.ts',
    find: '  return electionTicks - 2 - Math.ceil(electionTicks / 10);\n',
    replace: '  return electionTicks * 2;\n',
  },
  {
    name: 'a lease holds without an answer of anybody',
    point: 'C37',
    theme: 'leases',
    file: 'packages/raft/src/lease.ts',
    find: 'leaseRounds.findLast(({ sequence }) => sequence <= proven)',
    replace: 'leaseRounds.findLast(({ sequence }) => sequence <= proven + 1_000_000)',
  },
  {
    name: 'a lease is kept over a transfer',
    point: 'C38',
    theme: 'leases',
    file: 'packages/raft/src/lease.ts',
    find: "if (settings.readOnlyOption !== 'lease' || leaseIsOver || leadTransferee !== NOBODY) return false;",
    replace: "if (settings.readOnlyOption !== 'lease') return false;",
  },
];
