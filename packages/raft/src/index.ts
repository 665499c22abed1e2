/**
 * # Raft
 *
 * The algorithm as a pure, deterministic object: messages, ticks, proposals and reads go in; a `Ready` comes out that
 * says what to write, send and apply. It knows no clock, disk, socket or promise: time is ticks, randomness is
 * injected, and the log is read through a port. It never waits, and never writes by itself.
 *
 * Read `ready.ts` first, the contract with whoever drives it; `message.ts`, `entry.ts` and `log-store.ts` are the
 * other contracts. Then `raft.ts`, which only routes, and the paper's sections:
 * - `terms.ts` (§5.1), `roles.ts`, `election.ts` (§5.2, §5.4.1, priorities), `heartbeat.ts`.
 * - `proposals.ts` and `replication.ts` on the leader, `append-entries.ts` on the others (§5.3, §5.4.2).
 * - `configuration.ts` (§6, thesis §4): who decides is state, changed by what is applied. The arithmetic is in
 *   `configuration-change.ts`, its bytes in `configuration-codec.ts`.
 * - `snapshots.ts` on the leader, `install-snapshot.ts` on the others (§7).
 * - `reads.ts` (§8, thesis §6.4) and `lease.ts` (thesis §6.4.1); `leadership-transfer.ts` (thesis §3.10).
 * - `quiescence.ts`: a group that has nothing to do, and need not beat.
 * - `outbox.ts` collects what is ready and takes back what is durable. `storage-threads.ts` and `forwarding.ts` are for
 *   drivers that ask for them.
 *
 * Beneath them: `log.ts` (the log with its tail that is not durable yet), `tracker.ts` and `progress.ts` (what a
 * leader knows of the others), `quorum.ts` and `inflights.ts` (the arithmetic).
 *
 * Vocabulary and behaviour follow etcd's raft. On purpose it differs here:
 * - A new leader takes no change of the members before the first entry of its own term is applied, not only those
 *   before it (raft-dev, 2015). What a change would be is tried before it is appended: an impossible one is refused to
 *   whoever proposes it, where etcd appends an empty entry instead or panics when it is applied.
 * - Nothing is handed out to be applied before it is durable here, also where the driver waits for every write.
 * - A request for votes waits for the disk, as a vote does; etcd sends it at once.
 * - A snapshot is sent only to whom it knows: others would ignore it, again and again.
 * - A leader that is removed steps down when that is applied; etcd does so only when asked to.
 * - Leases count from when a round was sent, end with a transfer for the rest of the term, and are protected by servers
 *   that vote for nobody right after their start (`lease.ts`); etcd trusts check-quorum alone.
 * - Proposals on a follower are refused unless `proposalForwarding` is on, and are passed on once.
 * - Who campaigns in an earlier term is answered, and who sends heartbeats in one, also without pre-vote and check-quorum
 *   (figure 2). Refused votes tell what is committed (`commit-hints.ts`).
 * - Requests are written when a ready is taken: what several inputs appended leaves in one.
 * - `paused` and priorities have no counterpart there.
 *
 * `test/interaction.test.ts` drives it with the commands of etcd's interaction scripts, and names what those show.
 *
 * What whoever drives this has to do beyond `ready.ts`:
 * - Give no id to another server, nor to the same one without its disk: what a leader knows of it would be wrong, and a
 *   vote could be given twice.
 * - Report what became of every snapshot that was sent, and take a newer one when the newest does not know a member.
 * - Tick as time passes; say `paused` where it did not. With leases, bring the ticks up to date before reads are asked.
 *
 * What is not here:
 * - The data of snapshots, and how it travels; when one is taken, and how much of the log is kept behind it.
 * - Deciding whom to add, when a learner has caught up, and to whom leadership goes: those are the driver's wishes.
 * - Witnesses, and quorums other than majorities.
 * - How servers that rest (`quiescence.ts`) hear of each other: that is the drivers' concern.
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
export type {
  AppendBatch,
  IncomingSnapshot,
  LogReader,
  LogStore,
  SnapshotDescription,
  SnapshotMetadata,
  StoredSnapshot,
} from './log-store.js';
export type * from './message.js';
export type { RestingPoint } from './quiescence.js';
export type { ProgressState } from './progress.js';
export type { RaftOptions } from './options.js';
export { Raft } from './raft.js';
export type { Ready, ReadState, Role, SoftState } from './ready.js';
export type { ReadProof } from './state.js';
export type {
  ConfigurationChangeRefusal,
  ConfigurationChangeResult,
  PeerStatus,
  ProposeRefusal,
  ProposeResult,
  RaftStatus,
  TransferResult,
} from './status.js';
