import type { OperationKind } from '@decoraft/protocol';

/** A machine that a group hosts, on the node that answers. */
export interface MachineRecord {
  /** The name under which it is registered. */
  readonly name: string;
  /** Under which the log and the wire know it: the stable hash of its name. */
  readonly id: number;
  readonly className: string;
  /** In the order of the class. */
  readonly operations: readonly OperationRecord[];
}

export interface OperationRecord {
  readonly name: string;
  readonly id: number;
  readonly kind: OperationKind;
}

/** A part of a long list. */
export interface SessionsQuestion {
  /** Only sessions with a higher id: of the last one that a page before this one had. From the first when left out. */
  readonly after?: number;
  /** No more than so many: an integer from 1 to 1,000, which it is when left out. */
  readonly limit?: number;
}

export interface SessionsPage {
  /** How many the group has, on this page or not. */
  readonly count: number;
  /** By their ids, so by age. */
  readonly sessions: readonly SessionRecord[];
  /** Whether there are more behind the last of {@link sessions}. */
  readonly hasMore: boolean;
}

/** A client's session. When its client was last heard of is known to the leader only, and not agreed on. */
export interface SessionRecord {
  /** The log index at which it was opened. */
  readonly id: number;
  /** How long it lives without a sign of its client. */
  readonly timeoutMs: number;
  /** Answers to commands that its client has not acknowledged, and so are kept for it. */
  readonly keptReplies: number;
  readonly keptReplyBytes: number;
  readonly subscriptions: number;
  /** Events that its client has not acknowledged, over all its subscriptions. */
  readonly pendingEvents: number;
}

export interface SubscriptionsQuestion {
  /** Only those of this session. Of all when left out. */
  readonly session?: number;
}

export interface SubscriptionCounts {
  readonly count: number;
  /** By machine and event. Those of an event with several parameters count each. */
  readonly events: readonly EventSubscriptions[];
}

export interface EventSubscriptions {
  /** The name under which the machine is registered; `#` and its id where the node that answers does not host it. */
  readonly machine: string;
  /** The name of the event; `#` and its id where the node that answers does not know it. */
  readonly event: string;
  readonly count: number;
}
