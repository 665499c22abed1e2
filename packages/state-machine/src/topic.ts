import {
  compareEventPositions,
  encodeEventBody,
  type EventPosition,
  type SessionId,
  type SubscriptionId,
  valueOfEventBody,
} from '@decoraft/protocol';

/** An event as all of its subscribers get it: one object, and its bytes are made once. */
export class PublishedEvent {
  readonly position: EventPosition;
  /** Position and value as they travel. */
  readonly body: Uint8Array;
  /** Bytes of the values of its topic up to here, this one's among them. */
  readonly bytesThrough: number;

  constructor(position: EventPosition, value: Uint8Array, bytesBefore: number) {
    this.position = position;
    this.body = encodeEventBody(position, value);
    this.bytesThrough = bytesBefore + value.length;
  }

  /** The encoded value. */
  get value(): Uint8Array {
    return valueOfEventBody(this.body);
  }
}

/** Who waits for the events of a topic, and how far they have come. */
export class Subscription {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  readonly topic: Topic;
  /** The number, in the topic, of the first event that its client has not acknowledged. Only the topic changes it. */
  seen: number;

  constructor(id: SubscriptionId, session: SessionId, topic: Topic, seen: number) {
    this.id = id;
    this.session = session;
    this.topic = topic;
    this.seen = seen;
  }

  get key(): string {
    return this.topic.key;
  }

  /** How many events wait for its client. */
  get pendingCount(): number {
    return this.topic.end - this.seen;
  }

  /** Bytes of the values that wait for its client. */
  get pendingBytes(): number {
    return this.topic.bytesFrom(this.seen);
  }

  /** A copy of what waits for its client, in order. */
  get pending(): readonly PublishedEvent[] {
    return this.topic.from(this.seen);
  }
}

/**
 * The events of one key, kept once for all who subscribed to it: a subscriber is a number in it. So an event costs a
 * replica the same, however many wait for it. Events are numbered in the order of the log; the numbers are this
 * replica's own, and no part of the state.
 */
export class Topic {
  /** Machine, event and canonical parameters. */
  readonly key: string;
  /** By their ids. */
  readonly subscriptions = new Set<Subscription>();
  /** The first `#dropped` are no longer there. */
  readonly #events: (PublishedEvent | undefined)[] = [];
  #dropped = 0;
  /** The number of the first element of `#events`. */
  #base = 0;
  #bytes = 0;
  /** Acknowledgements since it was last looked what all have seen. */
  #progress = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** The number of the event that comes next. */
  get end(): number {
    return this.#base + this.#events.length;
  }

  /** How many events are here, whether anybody still waits for them or not. */
  get count(): number {
    return this.#events.length - this.#dropped;
  }

  /** Bytes of the values that are here. */
  get bytes(): number {
    return this.bytesFrom(this.#base + this.#dropped);
  }

  subscribe(id: SubscriptionId, session: SessionId): Subscription {
    const subscription = new Subscription(id, session, this, this.end);
    this.subscriptions.add(subscription);
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    this.#noteProgress();
  }

  publish(position: EventPosition, value: Uint8Array): void {
    const event = new PublishedEvent(position, value, this.#bytes);
    this.#events.push(event);
    this.#bytes = event.bytesThrough;
  }

  /** The client of `subscription` has seen all up to `position`. */
  acknowledge(subscription: Subscription, position: EventPosition): void {
    const seen = this.numberBehind(position);
    if (seen <= subscription.seen) return;
    subscription.seen = seen;
    this.#noteProgress();
  }

  /** The event with a number; `undefined` when it is not here, or not here any more. */
  at(number: number): PublishedEvent | undefined {
    return this.#events[number - this.#base];
  }

  /** A copy of all events from a number on. */
  from(number: number): readonly PublishedEvent[] {
    return this.#events.slice(Math.max(number - this.#base, this.#dropped)) as PublishedEvent[];
  }

  /** Bytes of the values from a number on. */
  bytesFrom(number: number): number {
    const before = this.at(number - 1);
    const first = this.at(number);
    if (before) return this.#bytes - before.bytesThrough;
    return first ? this.#bytes - first.bytesThrough + first.value.length : 0;
  }

  /** The number of the first event that is here and stands behind `position`. */
  numberBehind(position: EventPosition): number {
    let low = this.#dropped;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event && compareEventPositions(event.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.#base + low;
  }

  /** Lets go of what all have seen. */
  trim(): void {
    this.#progress = 0;
    let oldest = this.end;
    for (const { seen } of this.subscriptions) if (seen < oldest) oldest = seen;
    const dropped = oldest - this.#base;
    this.#events.fill(undefined, this.#dropped, dropped);
    this.#dropped = dropped;
    if (dropped * 2 < this.#events.length) return;
    this.#events.splice(0, dropped);
    this.#base = oldest;
    this.#dropped = 0;
  }

  /** Looking costs a step for each subscriber: once for as many acknowledgements, so that each of them pays one. */
  #noteProgress(): void {
    if (++this.#progress >= this.subscriptions.size) this.trim();
  }
}
