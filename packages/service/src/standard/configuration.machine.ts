import { compareText } from '@decoraft/base';
import {
  DecoraftError,
  type GroupLimits,
  type GroupMember,
  type MachineId,
  type OperationId,
  type SessionId,
} from '@decoraft/protocol';
import { derived, qry, StateMachine } from '@decoraft/state-machine';
import type {
  EventSubscriptions,
  SessionRecord,
  SessionsPage,
  SessionsQuestion,
  SubscriptionCounts,
  SubscriptionsQuestion,
} from './group-records.js';
import type { KnownMachine } from './master.machine.js';

const PAGE_LIMIT = 1_000;

interface KnownSession {
  readonly id: SessionId;
  /** 0 of one that has ended, and of which the machines will be told. */
  readonly timeoutMs: number;
  readonly replies: { readonly size: number };
  readonly replyBytes: number;
}

interface CountedEvent {
  readonly machine: MachineId;
  readonly operation: OperationId;
  readonly count: number;
}

/** What of a group's replica is shown: a `Replica` fits. Read only. */
export interface KnownReplica {
  readonly machines: { registered(): Iterable<KnownMachine> };
  readonly sessions: { all(): Iterable<KnownSession> };
  readonly subscriptions: {
    ofSession(session: SessionId): Iterable<{ readonly pendingCount: number }>;
    counts(session?: SessionId): readonly CountedEvent[];
  };
  readonly limits: { readonly current: GroupLimits };
}

export interface KnownGroup {
  readonly replica: KnownReplica;
  /** As the replica has applied it, by the ids. */
  readonly members: () => readonly GroupMember[];
}

/**
 * Who belongs to a group, and what it keeps for its clients: all as agreed on through the log. It has no state of its own:
 * it shows what the replica has that answers, under the name `CONFIGURATION_NAME` in every group.
 */
export class Configuration extends StateMachine {
  @derived private readonly group: KnownGroup;

  constructor(group: KnownGroup) {
    super();
    this.group = group;
  }

  /** There is nothing to compute: what was given stays as it is. */
  override restored(): void {}

  /** The servers of the group by their ids, with their addresses and whether they vote. Who leads is not agreed on. */
  @qry members(): readonly GroupMember[] {
    return this.group.members();
  }

  /**
   * The sessions of the group's clients, page by page.
   *
   * @throws DecoraftError `CommandRejected` with `data.code` `InvalidArgument` for a limit that can be none.
   */
  @qry sessions(question: SessionsQuestion = {}): SessionsPage {
    const { after = 0, limit = PAGE_LIMIT } = question;
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_LIMIT) {
      throw new DecoraftError(
        'InvalidArgument',
        `the limit of a page must be an integer from 1 to ${PAGE_LIMIT}, not ${limit}`,
      );
    }
    const alive = [...this.group.replica.sessions.all()].filter(({ timeoutMs }) => timeoutMs > 0);
    const behind = alive.filter(({ id }) => id > after).toSorted((left, right) => left.id - right.id);
    return {
      count: alive.length,
      sessions: behind.slice(0, limit).map((session) => this.recordOf(session)),
      hasMore: behind.length > limit,
    };
  }

  /** How many subscriptions there are, by machine and event; 0 for a session that there is not. */
  @qry subscriptions(question: SubscriptionsQuestion = {}): SubscriptionCounts {
    const { machines, subscriptions } = this.group.replica;
    const known = new Map(Array.from(machines.registered(), (machine) => [machine.id, machine]));
    const counts = subscriptions.counts(question.session as SessionId | undefined);
    return {
      count: counts.reduce((sum, { count }) => sum + count, 0),
      events: counts
        .map((one) => eventOf(one, known.get(one.machine)))
        .toSorted(
          (left, right) => compareText(left.machine, right.machine) || compareText(left.event, right.event),
        ),
    };
  }

  /** Where the group ends what it keeps for its clients: what was agreed on, and the defaults of the rest. */
  @qry limits(): GroupLimits {
    return this.group.replica.limits.current;
  }

  private recordOf({ id, replies, replyBytes, timeoutMs }: KnownSession): SessionRecord {
    const subscriptions = [...this.group.replica.subscriptions.ofSession(id)];
    return {
      id,
      timeoutMs,
      keptReplies: replies.size,
      keptReplyBytes: replyBytes,
      subscriptions: subscriptions.length,
      pendingEvents: subscriptions.reduce((sum, { pendingCount }) => sum + pendingCount, 0),
    };
  }
}

function eventOf(
  { count, machine, operation }: CountedEvent,
  known: KnownMachine | undefined,
): EventSubscriptions {
  const event = known?.operations.get(operation)?.name ?? `#${operation}`;
  return { machine: known?.name ?? `#${machine}`, event, count };
}
