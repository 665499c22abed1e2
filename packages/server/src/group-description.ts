import { checkGroupName, DecoraftError, DEFAULT_GROUP, type GroupLimits } from '@decoraft/protocol';
import type { HostSettings } from '@decoraft/host';
import type { StateMachine } from '@decoraft/state-machine';
import { MIN_SEGMENT_BYTES } from '@decoraft/storage';
import type { JoinWay } from './cluster-door.js';

/** A Raft group of a node, beside its first: what is not said is as it is for the node. */
export interface GroupDescription {
  /** The machines by name; the same on all nodes of the group. */
  readonly machines: Readonly<Record<string, StateMachine>>;
  /** Keeps a membership in the group, as the option of the node does in its own. */
  readonly membership?: boolean;
  /** The nodes that begin the group together, this one among them: the node's own `peers` by default. */
  readonly peers?: Readonly<Record<string, string>>;
  /** Enters the group where it runs already. By default as the node came into its cluster, unless `peers` are given. */
  readonly join?: JoinWay;
  /** Beside those of the node; `quiesceIdleGroups` is true unless one of both says otherwise. */
  readonly settings?: Partial<HostSettings>;
  /** See `RaftServiceOptions.limits`. */
  readonly groupLimits?: Partial<GroupLimits>;
  /** See `RaftServiceOptions.priority`. */
  readonly priority?: number;
  /** See `NodeDescription.segmentBytes`. Small ones save room where groups are many. */
  readonly segmentBytes?: number;
  /**
   * What to do when the group cannot go on here, because its disk failed, or its state is not that of the others. By
   * default, nothing but a line in the log: the group has stopped on this node, all others go on.
   */
  readonly onFatal?: (error: unknown) => void;
}

const OPTIONS: { readonly [Option in keyof Required<GroupDescription>]: true } = {
  machines: true,
  membership: true,
  peers: true,
  join: true,
  settings: true,
  groupLimits: true,
  priority: true,
  segmentBytes: true,
  onFatal: true,
};

/** What {@link isSegmentBytes} asks for, in words. */
export const SEGMENT_BYTES = `an integer of at least ${MIN_SEGMENT_BYTES}`;

export function isSegmentBytes(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= MIN_SEGMENT_BYTES;
}

/** @throws DecoraftError `InvalidArgument` that names the group, and what is wrong with it. */
export function checkGroup(name: string, group: GroupDescription): void {
  checkGroupName(name);
  if (name === DEFAULT_GROUP) {
    throw invalid(`the group ${name} is the node's own: its machines are the option machines`);
  }
  if (typeof group !== 'object' || group === null) throw invalid(`group ${name} is no object with machines`);
  for (const option of Object.keys(group)) {
    if (Object.hasOwn(OPTIONS, option)) continue;
    throw invalid(`group ${name} has no option ${option}; it has ${Object.keys(OPTIONS).join(', ')}`);
  }
  const { machines, membership, onFatal, segmentBytes } = group as Partial<GroupDescription>;
  if (typeof machines !== 'object' || machines === null || Array.isArray(machines)) {
    throw invalid(`the machines of group ${name} must be an object of machines by name`);
  }
  if (membership !== undefined && typeof membership !== 'boolean') {
    throw invalid(`membership of group ${name} must be true or false`);
  }
  if (segmentBytes !== undefined && !isSegmentBytes(segmentBytes)) {
    throw invalid(`segmentBytes of group ${name} must be ${SEGMENT_BYTES}`);
  }
  if (onFatal !== undefined && typeof onFatal !== 'function') {
    throw invalid(`onFatal of group ${name} must be a function`);
  }
}

function invalid(words: string): DecoraftError {
  return new DecoraftError('InvalidArgument', words);
}
