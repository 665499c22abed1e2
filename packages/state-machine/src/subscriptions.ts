import {
  canonicalKey,
  DecoraftError,
  type EventPosition,
  type MachineId,
  type OperationId,
  type SessionId,
  type SubscriptionId,
} from '@decoraft/protocol';
import type { AgreedLimits } from './agreed-limits.js';
import type { EventTap } from './event-tap.js';
import type { News } from './news.js';
import { type Subscription, Topic } from './topic.js';

/** Why a subscription is no more, kept until its session ends so that the client can be told. */
export interface EndedSubscription {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  readonly error: DecoraftError;
}

/** All of it as data: topics by their first subscriptions, in each of them the subscriptions by their ids. */
export interface SubscriptionsImage {
  readonly topics: readonly TopicImage[];
  readonly ended: readonly EndedSubscription[];
}

export interface TopicImage {
  readonly key: string;
  /** Those that somebody has not acknowledged. */
  readonly events: readonly EventImage[];
  readonly subscriptions: readonly SubscriptionImage[];
}

/** How many subscriptions an event has, whatever their parameters. */
export interface EventCount {
  readonly machine: MachineId;
  readonly operation: OperationId;
  readonly count: number;
}

export interface EventImage {
  readonly position: EventPosition;
  /** The encoded value. */
  readonly value: Uint8Array;
}

export interface SubscriptionImage {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  /** How many of the topic's events its client has acknowledged. */
  readonly seen: number;
}

const NO_NEWS: readonly News[] = [];

/**
 * Who waits for what, and what they have not acknowledged. Part of the replicated state: only `apply` changes it,
 * so every replica can deliver when its turn comes.
 */
export class Subscriptions {
  readonly #limits: AgreedLimits;
  readonly #byId = new Map<SubscriptionId, Subscription>();
  readonly #topics = new Map<string, Topic>();
  /** How many subscriptions an event has, whatever their parameters. */
  readonly #countByEvent = new Map<string, number>();
  readonly #bySession = new Map<SessionId, Set<SubscriptionId>>();
  readonly #ended = new Map<SubscriptionId, EndedSubscription>();
  #tap: EventTap | undefined;

  constructor(limits: AgreedLimits) {
    this.#limits = limits;
  }

  /** @throws DecoraftError `Overloaded` */
  add(id: SubscriptionId, session: SessionId, key: string): Subscription {
    const { subscriptions: limit } = this.#limits.current;
    if (this.#byId.size >= limit) {
      throw new DecoraftError('Overloaded', `the group holds ${limit} subscriptions already`);
    }
    const topic = this.#topics.get(key) ?? new Topic(key);
    this.#topics.set(key, topic);
    const subscription = topic.subscribe(id, session);
    this.#insert(subscription);
    return subscription;
  }

  /** Who hears of events on this replica alone. Set before the first entry is applied. */
  get tap(): EventTap | undefined {
    return this.#tap;
  }

  set tap(tap: EventTap) {
    this.#tap = tap;
  }

  /** All that go on, by their ids. */
  all(): Iterable<Subscription> {
    return this.#byId.values();
  }

  /** All that have ended and whose sessions have not. */
  allEnded(): Iterable<EndedSubscription> {
    return this.#ended.values();
  }

  /** Equal states give equal images, whatever was let go of already. */
  image(): SubscriptionsImage {
    const topics = new Set<Topic>();
    for (const { topic } of this.#byId.values()) topics.add(topic);
    return { topics: Array.from(topics, imageOf), ended: [...this.#ended.values()] };
  }

  /** Takes the place of all that is here. */
  restore({ ended, topics }: SubscriptionsImage): void {
    for (const map of [this.#byId, this.#topics, this.#countByEvent, this.#bySession, this.#ended])
      map.clear();
    const subscriptions = topics.flatMap((image) => [...this.#restoreTopic(image)]);
    for (const one of subscriptions.toSorted((left, right) => left.id - right.id)) this.#insert(one);
    for (const one of ended) this.#noteEnded(one);
  }

  get(id: SubscriptionId): Subscription | undefined {
    return this.#byId.get(id);
  }

  /** The events of a key; `undefined` when nobody waits for them. */
  topic(key: string): Topic | undefined {
    return this.#topics.get(key);
  }

  ended(id: SubscriptionId): EndedSubscription | undefined {
    return this.#ended.get(id);
  }

  /** Those of a session that go on, by their ids. */
  *ofSession(session: SessionId): Iterable<Subscription> {
    for (const id of this.#bySession.get(session) ?? []) {
      const subscription = this.#byId.get(id);
      if (subscription) yield subscription;
    }
  }

  /** How many go on, by event; those of one session alone, when it is named. In no order. */
  counts(session?: SessionId): readonly EventCount[] {
    return Array.from(session === undefined ? this.#countByEvent : this.#countsOf(session), countOf);
  }

  #countsOf(session: SessionId): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { key } of this.ofSession(session)) {
      const event = eventPrefixOf(key);
      counts.set(event, (counts.get(event) ?? 0) + 1);
    }
    return counts;
  }

  /** Whether anybody waits for this event, whatever the parameters. */
  isHeard(machine: MachineId, operation: OperationId): boolean {
    return this.#countByEvent.size > 0 && this.#countByEvent.has(eventPrefix(machine, operation));
  }

  /**
   * What `make` makes of an event, if anybody waits for it. Who listens on this replica alone has no say in whether it
   * can be made: a command that would go on without them goes on.
   */
  ifHeard<Made>(machine: MachineId, operation: OperationId, make: () => Made): Made | undefined {
    if (this.isHeard(machine, operation)) return make();
    if (!this.#tap?.isHeard(machine, operation)) return undefined;
    try {
      return make();
    } catch (thrown) {
      this.#tap.lost(machine, operation, thrown);
      return undefined;
    }
  }

  /** Forgets a subscription of `session`, whether it goes on or has ended; nobody removes another's. */
  remove(id: SubscriptionId, session: SessionId): readonly News[] {
    const known = this.#byId.get(id) ?? this.#ended.get(id);
    if (known?.session !== session) return NO_NEWS;
    this.#remove(id);
    this.#ended.delete(id);
    const ids = this.#bySession.get(session);
    ids?.delete(id);
    if (ids?.size === 0) this.#bySession.delete(session);
    return [{ kind: 'subscription-over', session, subscription: id }];
  }

  removeSession(session: SessionId): void {
    for (const id of this.#bySession.get(session) ?? []) {
      this.#remove(id);
      this.#ended.delete(id);
    }
    this.#bySession.delete(session);
  }

  /** Adds an event for every subscription of `key`. Costs the same, however many there are. */
  publish(key: string, position: EventPosition, value: Uint8Array): readonly News[] {
    this.#tap?.take(key, position, value);
    const topic = this.#topics.get(key);
    if (!topic) return NO_NEWS;
    topic.publish(position, value);
    const news: News = { kind: 'events', key };
    const { pendingEventBytes, pendingEvents } = this.#limits.current;
    if (topic.count <= pendingEvents && topic.bytes <= pendingEventBytes) return [news];
    topic.trim();
    return [news, ...this.#overflow(topic)];
  }

  /** The client of `id` has seen all up to `position`. */
  acknowledge(id: SubscriptionId, position: EventPosition): void {
    const subscription = this.#byId.get(id);
    subscription?.topic.acknowledge(subscription, position);
  }

  *#restoreTopic({ events, key, subscriptions }: TopicImage): Iterable<Subscription> {
    const topic = new Topic(key);
    this.#topics.set(key, topic);
    for (const { id, session, seen } of subscriptions) {
      const subscription = topic.subscribe(id, session);
      subscription.seen = seen;
      yield subscription;
    }
    for (const { position, value } of events) topic.publish(position, value);
  }

  #insert(subscription: Subscription): void {
    const { id, key, session } = subscription;
    this.#byId.set(id, subscription);
    this.#count(key, 1);
    this.#own(session, id);
  }

  #own(session: SessionId, id: SubscriptionId): void {
    const ids = this.#bySession.get(session);
    if (ids) ids.add(id);
    else this.#bySession.set(session, new Set([id]));
  }

  #count(key: string, change: 1 | -1): void {
    const event = eventPrefixOf(key);
    const count = (this.#countByEvent.get(event) ?? 0) + change;
    if (count > 0) this.#countByEvent.set(event, count);
    else this.#countByEvent.delete(event);
  }

  /** It goes on no more. Whoever calls this sees to its session. */
  #remove(id: SubscriptionId): Subscription | undefined {
    const subscription = this.#byId.get(id);
    if (!subscription) return undefined;
    const { topic } = subscription;
    this.#byId.delete(id);
    this.#count(topic.key, -1);
    topic.unsubscribe(subscription);
    if (topic.subscriptions.size === 0) this.#topics.delete(topic.key);
    return subscription;
  }

  /** A replica keeps so much for a subscriber who does not acknowledge; beyond, the log ends the subscription. */
  #overflow({ subscriptions }: Topic): readonly News[] {
    const { pendingEventBytes, pendingEvents } = this.#limits.current;
    const behind = [...subscriptions].filter(
      ({ pendingBytes, pendingCount }) => pendingCount > pendingEvents || pendingBytes > pendingEventBytes,
    );
    const words = `fell further behind than ${pendingEvents} events or ${pendingEventBytes} bytes`;
    return behind.map(({ id, session }) => {
      this.#remove(id);
      const error = new DecoraftError('SubscriptionOverflow', `subscription ${id} ${words}`);
      this.#noteEnded({ id, session, error });
      return { kind: 'subscription-over', session, subscription: id };
    });
  }

  #noteEnded(subscription: EndedSubscription): void {
    this.#ended.set(subscription.id, subscription);
    this.#own(subscription.session, subscription.id);
  }
}

function countOf([prefix, count]: readonly [string, number]): EventCount {
  const [machine, operation] = prefix.split('/').map(Number);
  return { machine: machine as MachineId, operation: operation as OperationId, count };
}

function imageOf(topic: Topic): TopicImage {
  topic.trim();
  const first = topic.end - topic.count;
  const subscriptions = Array.from(topic.subscriptions, ({ id, seen, session }) => ({
    id,
    session,
    seen: seen - first,
  }));
  return { key: topic.key, events: topic.from(first), subscriptions };
}

/** The key of an event with its parameters. @throws DecoraftError `InvalidArgument` for what is not data. */
export function subscriptionKey(
  machine: MachineId,
  operation: OperationId,
  parameters: readonly unknown[],
): string {
  return `${eventPrefix(machine, operation)}${canonicalKey(parameters)}`;
}

/** What the keys of all subscriptions of one event begin with. */
export function eventPrefix(machine: MachineId, operation: OperationId): string {
  return `${machine}/${operation}/`;
}

/** What a key begins with: its event. */
export function eventPrefixOf(key: string): string {
  return key.slice(0, key.indexOf('/', key.indexOf('/') + 1) + 1);
}
