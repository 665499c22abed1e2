import type { Clock, Logger, Random } from '@decoraft/base';
import type { ChannelPool } from '@decoraft/rpc';

/** The connections of this server to the others: all of its groups share them. */
export type Channels = Pick<ChannelPool, 'channel' | 'peek'>;

/**
 * Everything that is not deterministic, in one place: production brings the machine's, tests and the simulator
 * bring their own.
 */
export interface HostPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Connections to the other servers. Messages may be lost, repeated and reordered. */
  readonly channels: Channels;
  /**
   * Calls `callback` once, after the input that is at hand has been taken in and before new input is waited for:
   * what becomes ready in one turn is handled together. Never calls it at once.
   */
  readonly soon: (callback: () => void) => void;
}

/** Timing and limits of a node; the same on all nodes of a cluster. */
export interface HostSettings {
  /** Milliseconds of one tick, the core's only unit of time. */
  readonly tickMs: number;
  /** Ticks without a leader after which a node campaigns; randomised up to twice that (§5.2). */
  readonly electionTicks: number;
  /** Ticks between two heartbeats of a leader. */
  readonly heartbeatTicks: number;
  /**
   * Proposals of all clients that may wait for commitment on this node, those that it passes on to the leader among
   * them; beyond, `Overloaded`. No client (a connection) holds more than is left free, so that one finds room beside
   * others that ask for everything.
   */
  readonly maxPendingProposals: number;
  /**
   * Bytes of them; while none waits, one of any size is taken. On the way to the disk and to the other nodes, a proposal
   * costs a node about six times its size in memory.
   */
  readonly maxPendingProposalBytes: number;
  /** Those of one client. What another node passes on has the limits of the node only. */
  readonly maxClientProposals: number;
  /** Bytes of those of one client; while none of its own waits, one of any size is taken, as the node's limit allows. */
  readonly maxClientProposalBytes: number;
  /** Reads that may wait on this node, for a proof of leadership or an index; beyond, `Overloaded`. Shared as above. */
  readonly maxPendingReads: number;
  /** Bytes of their arguments. */
  readonly maxPendingReadBytes: number;
  /** How long a `session` read waits for this node to catch up before it answers `Behind`, in milliseconds. */
  readonly maxBehindMs: number;
  /** Applied entries after which a node takes a snapshot and lets go of what it covers. */
  readonly snapshotEntries: number;
  /**
   * Bytes of applied entries after which it does so as well. The tail that stays is no longer than half of it, roughly.
   */
  readonly snapshotBytes: number;
  /** Entries behind a snapshot's index that stay, for followers that are only a little behind. */
  readonly snapshotTailEntries: number;
  /** Bytes of a snapshot that a node accepts from its leader. */
  readonly maxSnapshotBytes: number;
  /**
   * Entries after which the servers compare their states through the log; 0 never. The leader has them compared before
   * its snapshots as well, which costs it nothing more. Otherwise a check costs every server as much work as a snapshot
   * without the disk, some 20 to 60 ms for each megabyte of state, during which commands wait; and one small entry for
   * each server. 1 is for development and for small states: after every command, or all of them that were applied
   * together; the entries of a check ask for no other.
   */
  readonly stateCheckEntries: number;
  /**
   * What a server does that differs from the majority. All of them log it and raise an event in any case. `report`
   * does no more: the majority may be wrong as well, when the cause is a command that is not deterministic, and only
   * the operator can tell. `stop-minority` takes the server out of service rather than letting it answer.
   */
  readonly onDivergence: 'report' | 'stop-minority';
  /** A learner that lacks no more entries than this of what is committed has caught up: it may become a voter. */
  readonly promotionLagEntries: number;
  /**
   * Reads at the level `lease` trust the leader's lease instead of asking the others (thesis §6.4.1). Faster, and only
   * as good as the clocks: no node's may run faster than another's by a tenth. Off by default: then they are
   * `linearizable` ones. These never trust a lease.
   */
  readonly leaseReads: boolean;
  /**
   * A group that has had nothing to do for an election timeout rests, until something is asked of it: it costs no ticks
   * and no messages but one beat between two servers for all their groups. A leader that dies meanwhile is replaced up to
   * an election timeout later than otherwise. The same on all nodes. Off by default; on for the `groups` of a node.
   */
  readonly quiesceIdleGroups: boolean;
}

export const DEFAULT_SETTINGS: HostSettings = {
  tickMs: 50,
  electionTicks: 10,
  heartbeatTicks: 2,
  maxPendingProposals: 16_384,
  maxPendingProposalBytes: 32 * 1024 * 1024,
  maxClientProposals: 4_096,
  maxClientProposalBytes: 8 * 1024 * 1024,
  maxPendingReads: 16_384,
  maxPendingReadBytes: 16 * 1024 * 1024,
  maxBehindMs: 1_000,
  snapshotEntries: 100_000,
  snapshotBytes: 256 * 1024 * 1024,
  snapshotTailEntries: 10_000,
  maxSnapshotBytes: 1024 * 1024 * 1024,
  stateCheckEntries: 100_000,
  onDivergence: 'report',
  promotionLagEntries: 1_000,
  leaseReads: false,
  quiesceIdleGroups: false,
};
