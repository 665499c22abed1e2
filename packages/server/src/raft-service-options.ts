import type { Clock, Logger, Random } from '@decoraft/base';
import type { HostSettings, NodeState } from '@decoraft/host';
import type { GroupLimits, GroupMember } from '@decoraft/protocol';
import type { Dialer } from '@decoraft/rpc';
import type { CommandDiffered, Diverged, MachineAgreed, MigrationFailed } from '@decoraft/state-machine';
import type { RpcServer } from '@decoraft/rpc/server';
import type { Storage } from '@decoraft/storage';

/** What changes on a node, as events on it. An error that a listener throws surfaces as an uncaught one. */
export interface RaftEvents {
  /** This node became a follower, a candidate or the leader. */
  roleChanged: (change: { readonly role: NodeState['role']; readonly previous: NodeState['role'] }) => void;
  /** Another leader is known to this node; `undefined` while none is. */
  leaderChanged: (change: { readonly leader: string | undefined }) => void;
  /** A later term began. */
  termChanged: (change: { readonly term: number }) => void;
  /** Servers came, went, or got or lost their vote; `members` is the list as it is now. */
  membersChanged: (change: { readonly members: readonly GroupMember[] }) => void;
  /**
   * Servers that have applied the same log do not have the same state. Raised on all of them; `found.minority` names
   * those that differ from the majority, where there is one.
   */
  diverged: (found: Diverged) => void;
  /**
   * A command did something else when it was run a second time, on a copy, as it is in development only (`NODE_ENV` is not
   * `production`): replicas will differ. The command's outcome is that of its first run. Told once for each place.
   */
  commandDiffered: (differed: CommandDiffered) => void;
  /**
   * The group has agreed on a version of a machine, or on another table of the same version; or it stays with the one that
   * it has, because `migrate` failed. Raised on all nodes, at the same index.
   */
  versionChanged: (change: MachineAgreed | MigrationFailed) => void;
  /**
   * The node has stopped, because it could not go on: a disk that failed, a log that is damaged, a state that differs, a
   * version of a machine that this build cannot run.
   */
  failed: (error: unknown) => void;
}

export interface RaftServiceOptions {
  /** Where the group is reached; other services and groups may share it. */
  readonly server: RpcServer;
  readonly storage: Storage;
  /** This node's name, as it stands in the list of members. Never used again for a node that lost its disk. */
  readonly id: string;
  /** The group's name, where a server hosts several; the same on all nodes. */
  readonly group?: string;
  /** Timing and limits; the same on all nodes. */
  readonly settings?: Partial<HostSettings>;
  /**
   * Where the group ends what it keeps for its clients, for a group that has agreed on nothing yet: its first leader
   * proposes those that it was given. After that, what the group has agreed on counts; `configure` changes it.
   */
  readonly limits?: Partial<GroupLimits>;
  /**
   * From 0 to 255; 0 by default. Among nodes whose logs are equal, the one with the highest is elected; it never
   * stands against a newer log.
   */
  readonly priority?: number;
  /** How the other nodes are reached; a WebSocket by default. */
  readonly transport?: Dialer;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** See `HostPorts.soon` of `@decoraft/host`; `setImmediate` by default. */
  readonly soon?: (callback: () => void) => void;
}
