/**
 * # Raft
 *
 * The algorithm as a pure, deterministic object: messages, ticks and proposals go in, a `Ready` comes out that says
 * what to write, send and apply. It knows no clock, disk, socket or promise; its randomness is injected.
 *
 * Read `ready.ts` first (the contract with whoever drives it), then `raft.ts`, which only routes, and the paper's
 * sections: `election.ts` (§5.2, §5.4.1), `replication.ts` and
 * `heartbeat.ts` (§5.3, §5.4.2), `reads.ts` (§8, thesis §6.4). `log.ts`
 * is the log with its tail that is not durable yet, `progress.ts` what a leader knows of a peer, `quorum.ts` the
 * arithmetic of majorities. Vocabulary and behaviour follow etcd's raft.
 *
 * What is not here: membership changes, learners, snapshots, leadership transfer and lease reads. The configuration
 * is the one that the server was started with.
 */
export type { Configuration, Entry, EntryKind, HardState } from './entry.js';
export { type Index, index, NOBODY, type NodeId, nodeId, type Term, term } from './ids.js';
export type { AppendBatch, LogReader, LogStore } from './log-store.js';
export type * from './message.js';
export { type PeerStatus, type ProposeResult, Raft, type RaftOptions, type RaftStatus } from './raft.js';
export type { Ready, ReadState, Role, SoftState } from './ready.js';
