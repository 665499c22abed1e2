import {
  canonicalEncode,
  compareEventPositions,
  DecoraftError,
  type EventPosition,
  type MachineId,
  type OperationId,
  type SessionId,
  type SubscriptionId,
} from '@decoraft/protocol';
import type { AgreedLimits } from './agreed-limits.js';

export interface PendingEvent {
  readonly position: EventPosition;
  /** The encoded value; one array for all subscribers of the event. */
  readonly value: Uint8Array;
}

export interface Subscription {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  /** Machine, event and canonical parameters: subscriptions with equal keys get equal events. */
  readonly key: string;
  /** Not yet acknowledged, in order. */
  pending: PendingEvent[];
  pendingBytes: number;
}

/** Why a subscription is no more, kept until its session ends so that the client can be told. */
export interface EndedSubscription {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  readonly error: DecoraftError;
}

/**
 * Who waits for what, and what they have not acknowledged. Part of the replicated state: only `apply` changes it,
 * so every replica can deliver when its turn comes.
 */
export class Subscriptions {
  readonly #limits: AgreedLimits;
  readonly #byId = new Map<SubscriptionId, Subscription>();
  readonly #byKey = new Map<string, Set<Subscription>>();
  /** How many subscriptions an event has, whatever their parameters. */
  readonly #countByEvent = new Map<string, number>();
  readonly #bySession = new Map<SessionId, Set<Subscription>>();
  readonly #ended = new Map<SubscriptionId, EndedSubscription>();

  constructor(limits: AgreedLimits) {
    this.#limits = limits;
  }

  /** @throws DecoraftError `Overloaded` */
  add(id: SubscriptionId, session: SessionId, key: string): Subscription {
    const { subscriptions: limit } = this.#limits.current;
    if (this.#byId.size >= limit) {
      throw new DecoraftError('Overloaded', `the group holds ${limit} subscriptions already`);
    }
    const subscription: Subscription = { id, session, key, pending: [], pendingBytes: 0 };
    this.#insert(subscription);
    return subscription;
  }

  /** All that go on, by their ids. */
  all(): Iterable<Subscription> {
    return this.#byId.values();
  }

  /** All that have ended and whose sessions have not. */
  allEnded(): Iterable<EndedSubscription> {
    return this.#ended.values();
  }

  /** Takes the place of all that is here. @param subscriptions By their ids: in this order they hear of an event. */
  restore(subscriptions: readonly Subscription[], ended: readonly EndedSubscription[]): void {
    for (const map of [this.#byId, this.#byKey, this.#countByEvent, this.#bySession, this.#ended])
      map.clear();
    for (const subscription of subscriptions) this.#insert(subscription);
    for (const subscription of ended) this.#ended.set(subscription.id, subscription);
  }

  get(id: SubscriptionId): Subscription | undefined {
    return this.#byId.get(id);
  }

  ended(id: SubscriptionId): EndedSubscription | undefined {
    return this.#ended.get(id);
  }

  ofSession(session: SessionId): Iterable<Subscription> {
    return this.#bySession.get(session) ?? [];
  }

  /** Whether anybody waits for this event, whatever the parameters. */
  isHeard(machine: MachineId, operation: OperationId): boolean {
    return this.#countByEvent.size > 0 && this.#countByEvent.has(eventKey(machine, operation));
  }

  remove(id: SubscriptionId): boolean {
    const subscription = this.#byId.get(id);
    if (!subscription) return this.#ended.delete(id);
    this.#byId.delete(id);
    this.#count(subscription.key, -1);
    removeFrom(this.#byKey, subscription.key, subscription);
    removeFrom(this.#bySession, subscription.session, subscription);
    return true;
  }

  removeSession(session: SessionId): void {
    for (const { id } of this.ofSession(session)) this.remove(id);
    for (const { id, session: owner } of this.#ended.values()) if (owner === session) this.#ended.delete(id);
  }

  /** Adds an event for every subscription of `key`; gives the sessions that have something new. */
  publish(key: string, event: PendingEvent): readonly SessionId[] {
    const sessions: SessionId[] = [];
    for (const subscription of this.#byKey.get(key) ?? []) {
      subscription.pending.push(event);
      subscription.pendingBytes += event.value.length;
      sessions.push(subscription.session);
      if (this.#isOverfull(subscription)) this.#overflow(subscription);
    }
    return sessions;
  }

  /** The client of `id` has seen all up to `position`. */
  acknowledge(id: SubscriptionId, position: EventPosition): void {
    const subscription = this.#byId.get(id);
    if (!subscription) return;
    const seen = countUpTo(subscription.pending, position);
    for (const { value } of subscription.pending.slice(0, seen)) subscription.pendingBytes -= value.length;
    subscription.pending = subscription.pending.slice(seen);
  }

  #insert(subscription: Subscription): void {
    const { id, key, session } = subscription;
    this.#byId.set(id, subscription);
    this.#count(key, 1);
    addTo(this.#byKey, key, subscription);
    addTo(this.#bySession, session, subscription);
  }

  #count(key: string, change: 1 | -1): void {
    const event = key.slice(0, key.indexOf('/', key.indexOf('/') + 1) + 1);
    const count = (this.#countByEvent.get(event) ?? 0) + change;
    if (count > 0) this.#countByEvent.set(event, count);
    else this.#countByEvent.delete(event);
  }

  /** A replica keeps so much for a subscriber who does not acknowledge; beyond, the log ends the subscription. */
  #isOverfull({ pending, pendingBytes }: Subscription): boolean {
    const { pendingEventBytes, pendingEvents } = this.#limits.current;
    return pending.length > pendingEvents || pendingBytes > pendingEventBytes;
  }

  #overflow({ id, session }: Subscription): void {
    this.remove(id);
    const { pendingEventBytes, pendingEvents } = this.#limits.current;
    const error = new DecoraftError(
      'SubscriptionOverflow',
      `subscription ${id} fell further behind than ${pendingEvents} events or ${pendingEventBytes} bytes`,
    );
    this.#ended.set(id, { id, session, error });
  }
}

/** The key of an event with its parameters. @throws DecoraftError `InvalidArgument` for what is not data. */
export function subscriptionKey(
  machine: MachineId,
  operation: OperationId,
  parameters: readonly unknown[],
): string {
  const bytes = canonicalEncode(parameters);
  return `${eventKey(machine, operation)}${toLatin1(bytes)}`;
}

/** What the keys of all subscriptions of one event begin with. */
function eventKey(machine: MachineId, operation: OperationId): string {
  return `${machine}/${operation}/`;
}

/** One character a byte: the shortest string that a Map can tell apart. */
function toLatin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** How many of `events`, which are in order, stand at or before `position`. */
export function countUpTo(events: readonly PendingEvent[], position: EventPosition): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const event = events[middle];
    if (event && compareEventPositions(event.position, position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addTo<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values) values.add(value);
  else map.set(key, new Set([value]));
}

function removeFrom<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
