import { withFields } from '@decoraft/base';
import type { Configuration, LogStore, NodeId, RaftOptions, SoftState } from '@decoraft/raft';
import type { Diverged, MachineAgreed, MigrationFailed } from '@decoraft/state-machine';
import type { BeatSender } from './beat-sender.js';
import type { GroupState } from './group-state.js';
import type { HostPorts, HostSettings } from './ports.js';
import type { QuietBeats } from './quiet-beats.js';
import type { ReadsOptions } from './reads.js';
import type { SharedTicker } from './shared-ticker.js';

/** What a node tells about itself. */
export interface NodeState extends SoftState {
  readonly term: number;
}

/** What the groups of one server share. */
export interface SharedParts {
  /** Counts the time of all groups whose ticks are alike. */
  readonly ticker: SharedTicker;
  readonly sender: BeatSender;
  /** `undefined` for a group that never rests. */
  readonly quiet: QuietBeats | undefined;
}

export interface RaftNodeOptions {
  readonly id: NodeId;
  /** Identifies the disk of `log` (checklist C45). */
  readonly disk: number;
  /** Where the others reach this node, until an applied entry says it. */
  readonly address: string;
  /** The name of the cluster; once an entry or a snapshot says it, that counts. */
  readonly clusterId: string;
  /** The RPC service of the group, on every server of it. */
  readonly service: number;
  /** Restored from the snapshot of `log`, where there is one. */
  readonly group: GroupState;
  readonly settings: HostSettings;
  /** See `RaftOptions.priority`. */
  readonly priority: number;
  /** The node's own log; the node is its only writer. */
  readonly log: LogStore;
  readonly ports: HostPorts;
  readonly shared: SharedParts;
  /** Called when role, leader or term changed. */
  readonly onState: (state: NodeState, previous: NodeState) => void;
  /** Called when another configuration is in effect. */
  readonly onConfiguration: (configuration: Configuration) => void;
  /** Called when servers were found to differ; on all servers. */
  readonly onDiverged: (found: Diverged) => void;
  /** Called when the group has agreed on a version of a machine, or could not go over to it; on all servers. */
  readonly onVersion: (change: MachineAgreed | MigrationFailed) => void;
  /** Called once, when the node cannot go on; it has stopped then. */
  readonly onFatal: (error: unknown) => void;
}

/** What the core is given of it. */
export function coreOptionsOf(options: RaftNodeOptions): RaftOptions {
  const { group, id, log, ports, priority, settings } = options;
  return {
    id,
    log,
    hardState: log.hardState(),
    configuration: group.configuration,
    applied: group.appliedIndex,
    electionTicks: settings.electionTicks,
    heartbeatTicks: settings.heartbeatTicks,
    readOnlyOption: settings.leaseReads ? 'lease' : 'safe',
    priority,
    random: ports.random,
    logger: withFields(ports.logger, { node: id }),
  };
}

/** What its reads wait for, and how long. */
export function readsOptionsOf({ ports, settings }: RaftNodeOptions): ReadsOptions {
  const { electionTicks, heartbeatTicks, maxPendingReads } = settings;
  return {
    limit: maxPendingReads,
    askAgainTicks: 2 * heartbeatTicks,
    // Two elections, and the first commit of the one who was elected.
    patienceTicks: 5 * electionTicks,
    firstContext: Math.floor(ports.random() * 2 ** 52),
  };
}
