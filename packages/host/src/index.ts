/**
 * # Host
 *
 * The joint: the one place that knows Raft, RPC and state machines, and drives the first with the other two. Read
 * `raft-node.ts` to understand the whole: input → step → ready → { persist ∥ send } → advance → apply → reply.
 * Then `group-service.ts` (what a node can be asked), `proposals.ts`, `reads.ts` and `event-streams.ts` (those who
 * wait), `peers.ts` and `raft-wire.ts` (how servers talk), `bootstrap.ts` (how a cluster begins).
 *
 * Time, disk, network and randomness come through `ports.ts`; nothing here opens a file or a socket.
 *
 * What is not here: membership changes, snapshots and leadership transfer. A cluster keeps the members that it was
 * bootstrapped with.
 */
export { bootstrapLog, type ClusterConfiguration, readConfiguration } from './bootstrap.js';
export { GroupService } from './group-service.js';
export { DEFAULT_SETTINGS, type HostPorts, type HostSettings } from './ports.js';
export { type NodeState, RaftNode, type RaftNodeOptions } from './raft-node.js';
export { decodeMessage, encodeMessage } from './raft-wire.js';
