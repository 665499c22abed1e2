/**
 * # Raft
 *
 * The algorithm as a pure, deterministic object: messages, ticks, proposals and reads go in; a `Ready` comes out that
 * says what to write, send and apply. It knows no clock, disk, socket or promise: time is ticks, randomness is
 * injected, and the log is read through a port. It never waits, and never writes by itself.
 *
 * Read `ready.ts` first, the contract with whoever drives it; `message.ts`, `entry.ts` and `log-store.ts` are the
 * other contracts. Then `raft.ts`, which only routes, and the paper's sections: `terms.ts` (§5.1), `roles.ts`,
 * `election.ts` (§5.2, §5.4.1), `replication.ts` on the leader and `append-entries.ts` on the others (§5.3, §5.4.2),
 * `heartbeat.ts`, `reads.ts` (§8, thesis §6.4). `outbox.ts` collects what is ready and takes back what is durable.
 * Beneath them: `log.ts` (the log with its tail that is not durable yet), `tracker.ts` and `progress.ts` (what a
 * leader knows of the others), `quorum.ts` and `inflights.ts` (the arithmetic). Vocabulary and behaviour follow
 * etcd's raft.
 *
 * What is not here:
 * - Membership changes and learners. The configuration is the one that the server was started with; entries of kind
 *   `configuration` are replicated and handed out like others. `tracker.ts` and `quorum.ts` are where joint
 *   configurations enter.
 * - Snapshots and compaction. A peer that needs entries from before the log's beginning is not served.
 * - Leadership transfer. A `VoteRequest` with `transfer` is honoured, but nobody sends one.
 * - Lease reads and forgetting a leader. A read is proven by a round of heartbeats, always.
 * - Forwarding proposals. Whoever drives this takes them to the leader, which tells where they stand in the log.
 */
export {
  changeConfiguration,
  type ConfigurationChange,
  configurationOf,
  isJoint,
  type SingleChange,
} from './configuration-change.js';
export { decodeConfigurationChange, encodeConfigurationChange } from './configuration-codec.js';
export type { Configuration, Entry, EntryKind, HardState } from './entry.js';
export { type Index, index, NOBODY, type NodeId, nodeId, type Term, term } from './ids.js';
export type { AppendBatch, LogReader, LogStore, Snapshot, SnapshotMetadata } from './log-store.js';
export type * from './message.js';
export type { ProgressState } from './progress.js';
export type { RaftOptions } from './options.js';
export { Raft } from './raft.js';
export type { Ready, ReadState, Role, SoftState } from './ready.js';
export type {
  ConfigurationChangeRefusal,
  ConfigurationChangeResult,
  PeerStatus,
  ProposeRefusal,
  ProposeResult,
  RaftStatus,
  TransferResult,
} from './status.js';
