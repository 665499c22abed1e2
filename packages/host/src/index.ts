/**
 * # Host
 *
 * The joint: the one place that knows Raft, RPC and state machines, and drives the first with the other two. Read
 * `ready-loop.ts` to understand the whole: input → step → ready → { persist ∥ send } → advance → apply → reply.
 * Then `raft-node.ts` (what a server is asked), `group-state.ts`, `first-limits.ts` and
 * `machine-agreement.ts` with `next-versions.ts` and `machine-offers.ts` (what is agreed on),
 * `group-service.ts` and `membership-service.ts` (what a node can be asked), `relay.ts` (what it passes on to the leader),
 * `gate.ts` with `line.ts` and `pace.ts` (who is let in, and what the others are told), `turns.ts`, `proposals.ts`,
 * `reads.ts` and `event-streams.ts` with `event-stream.ts` and `acknowledgements.ts` (those who wait), `observers.ts`
 * (those who listen in this process), `peers.ts`, `beat-sender.ts` and `raft-wire.ts` (how servers talk),
 * `quiescence.ts` with `quiet-beats.ts`, `quiet-list.ts`, `quiet-neighbour.ts` and `quiet-wire.ts` (groups that rest),
 * `admission.ts`, `beginner.ts` and `bootstrap.ts` (how a cluster begins), `members.ts`, `address-hints.ts` and
 * `membership.ts` (how servers come and go), `state-keeping.ts` with `apply-loop.ts`, `snapshots.ts`,
 * `snapshot-sender.ts`, `snapshot-receiver.ts` (§7) and `state-checker.ts` (whether all have the same),
 * `forced-cluster.ts` (when the majority is lost for good), `ticker.ts` and `shared-ticker.ts` (time, and pauses of
 * the process), `log-clock.ts` and `time-keeper.ts` (the time of the log, and who lets it pass).
 *
 * Time, disk, network and randomness come through `ports.ts`; nothing here opens a file or a socket.
 *
 * What is not here: a way back for a server whose state differs from that of the others. It is told apart, and taken out
 * of service where that is wanted; it comes back under a new id, with an empty disk.
 */
export {
  type Admission,
  type AdmissionQuestion,
  type AnswerOf,
  decideAdmission,
  decodeAdmissionAnswer,
  encodeQuestion,
  type FirstPromise,
} from './admission.js';
export type { Beginner } from './beginner.js';
export { bootstrapLog, clusterIdOf } from './bootstrap.js';
export { type ClusterOnDisk, clusterOnDisk } from './cluster-on-disk.js';
export { type ForcedClusterPlan, forceNewCluster, planForcedCluster } from './forced-cluster.js';
export { GroupService } from './group-service.js';
export type { ReadCounts } from './query-service.js';
export { GroupState } from './group-state.js';
export { type Observed, type ObservedEvent, Observers, type SkippedEvents } from './observers.js';
export { notLeader } from './proposals.js';
export { fingerprintOf, idsOf, listMembers, Members, otherDisk } from './members.js';
export { type Channels, DEFAULT_SETTINGS, type HostPorts, type HostSettings } from './ports.js';
export type { NodeState, RaftNodeOptions, SharedParts } from './node-options.js';
export { RaftNode } from './raft-node.js';
export { restoredClusterId, restoredImage, restoredIndex, type RestoredGroup } from './restored-image.js';
export { type AddressedMessage, decodeMessage, encodeMessage } from './raft-wire.js';
export { resolveSettings } from './settings.js';
export { BeatSender } from './beat-sender.js';
export { QuietBeats } from './quiet-beats.js';
export {
  BEATS_METHOD,
  decodeGroupMessages,
  decodeQuietAnswer,
  decodeQuietBeat,
  SERVER_BEATS,
} from './quiet-wire.js';
export { SharedTicker } from './shared-ticker.js';
