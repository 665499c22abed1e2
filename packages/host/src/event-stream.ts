import { createDeferred, type Deferred, plainMessage } from '@decoraft/base';
import {
  compareEventPositions,
  DecoraftError,
  encodeEventRecords,
  type EndedRecord,
  type OutgoingRecord,
  type SessionId,
  type SessionPositions,
  type SubscriptionId,
} from '@decoraft/protocol';
import type { PublishedEvent, Subscription, Subscriptions } from '@decoraft/state-machine';

/** How much one item carries at most: enough to share a write, little enough to share a connection. */
const RECORDS_PER_ITEM = 512;
const BYTES_PER_ITEM = 64 * 1024;
/**
 * How much of one subscription is on the way, or waits at its client, without an acknowledgement. What comes after
 * stays with the replicas: a slow consumer holds up nobody else on the same connection, and its memory has an end.
 */
const WINDOW_EVENTS = 4_096;
const WINDOW_BYTES = 4 * 1024 * 1024;

/** How far one subscription was served. Numbers are those of its topic. */
interface Delivery {
  readonly subscription: Subscription;
  /** The first event that was not sent. */
  sent: number;
  /** The first event that the client has not said to have consumed, as far as this server has heard. */
  consumed: number;
  /** It stands among those that have something to send. */
  isReady: boolean;
}

type Item = IteratorResult<Uint8Array, undefined>;

/**
 * The events of one session on their way to its client. Holds only places in what the replica keeps: a slow subscriber
 * costs the leader nothing beyond that. The next item is made when it is asked for, and only then; who asks is whoever
 * has credit from the client.
 */
export class EventStream implements AsyncIterator<Uint8Array, undefined> {
  readonly session: SessionId;
  readonly #subscriptions: Subscriptions;
  readonly #onReturn: (stream: EventStream) => void;
  readonly #deliveries = new Map<SubscriptionId, Delivery>();
  /** Those that have something to send, in turn. */
  #ready: Delivery[] = [];
  #over: EndedRecord[] = [];
  /** The first item says that the stream is served, even if it says nothing else. */
  #isGreeted = false;
  #reader: Deferred<Item> | undefined;
  #end: { readonly error: DecoraftError | undefined } | undefined;

  /** @param onReturn The client wants no more. */
  constructor(
    { positions, session }: SessionPositions,
    subscriptions: Subscriptions,
    onReturn: (stream: EventStream) => void,
  ) {
    this.session = session;
    this.#subscriptions = subscriptions;
    this.#onReturn = onReturn;
    for (const subscription of subscriptions.ofSession(session)) this.#add(subscription);
    for (const { position, subscription: id } of positions) {
      const delivery = this.#deliveries.get(id);
      if (!delivery) this.tellOver(id);
      else delivery.sent = Math.max(delivery.sent, delivery.subscription.topic.numberBehind(position));
    }
    for (const delivery of this.#deliveries.values()) this.#refresh(delivery);
  }

  /** A subscription of the session may have something to send. */
  note(subscription: Subscription): void {
    this.#refresh(this.#deliveries.get(subscription.id) ?? this.#add(subscription));
  }

  /** The client has consumed what stands before `number`. Gives whether there is something to send now. */
  acknowledge(id: SubscriptionId, number: number): boolean {
    const delivery = this.#deliveries.get(id);
    if (!delivery || number <= delivery.consumed) return false;
    delivery.consumed = number;
    this.#refresh(delivery);
    return delivery.isReady;
  }

  /** A subscription is no more. */
  tellOver(id: SubscriptionId): void {
    this.#deliveries.delete(id);
    const error =
      this.#subscriptions.ended(id)?.error ?? new DecoraftError('NotFound', `there is no subscription ${id}`);
    this.#over.push({ kind: 'ended', subscription: id, code: error.code, message: plainMessage(error) });
  }

  /** Gives the next item to whoever waits for one, if there is something to send. */
  flush(): void {
    const reader = this.#reader;
    if (!reader || !this.#hasNews) return;
    this.#reader = undefined;
    reader.resolve({ done: false, value: this.#item() });
  }

  /** No more items: for a reason, or because another stream takes its place. */
  close(error?: DecoraftError): void {
    this.#end ??= { error };
    const reader = this.#reader;
    this.#reader = undefined;
    if (error) reader?.reject(error);
    else reader?.resolve({ done: true, value: undefined });
  }

  next(): Promise<Item> {
    if (this.#end?.error) return Promise.reject(this.#end.error);
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    if (this.#hasNews) return Promise.resolve({ done: false, value: this.#item() });
    this.#reader = createDeferred();
    return this.#reader.promise;
  }

  return(): Promise<Item> {
    this.close();
    this.#onReturn(this);
    return Promise.resolve({ done: true, value: undefined });
  }

  get #hasNews(): boolean {
    return !this.#isGreeted || this.#over.length > 0 || this.#ready.length > 0;
  }

  #add(subscription: Subscription): Delivery {
    const { id, seen } = subscription;
    const delivery: Delivery = { subscription, sent: seen, consumed: seen, isReady: false };
    this.#deliveries.set(id, delivery);
    return delivery;
  }

  #refresh(delivery: Delivery): void {
    if (delivery.isReady || !hasRoom(delivery)) return;
    delivery.isReady = true;
    this.#ready.push(delivery);
  }

  #item(): Uint8Array {
    this.#isGreeted = true;
    const over = this.#over;
    if (over.length > 0) this.#over = [];
    const events = this.#take();
    return encodeEventRecords(over.length > 0 ? [...over, ...events] : events);
  }

  /** What is next of those that have something, in turn; in the order of the log as far as it goes. */
  #take(): readonly OutgoingRecord[] {
    const taken: Taken[] = [];
    let bytes = 0;
    let served = 0;
    const again: Delivery[] = [];
    for (const delivery of this.#ready) {
      if (taken.length >= RECORDS_PER_ITEM || bytes >= BYTES_PER_ITEM) break;
      served += 1;
      if (this.#deliveries.get(delivery.subscription.id) !== delivery) continue;
      while (taken.length < RECORDS_PER_ITEM && bytes < BYTES_PER_ITEM && hasRoom(delivery)) {
        const event = delivery.subscription.topic.at(delivery.sent++);
        if (!event) continue;
        taken.push({ subscription: delivery.subscription.id, event });
        bytes += event.body.length;
      }
      delivery.isReady = hasRoom(delivery);
      if (delivery.isReady) again.push(delivery);
    }
    this.#ready = [...this.#ready.slice(served), ...again];
    if (served > 1)
      taken.sort((left, right) => compareEventPositions(left.event.position, right.event.position));
    return taken.map(({ event: { body }, subscription }) => ({ kind: 'event', subscription, body }));
  }
}

interface Taken {
  readonly subscription: SubscriptionId;
  readonly event: PublishedEvent;
}

/** Whether there is an event that may be sent; steps over those that were acknowledged meanwhile. */
function hasRoom(delivery: Delivery): boolean {
  const { seen, topic } = delivery.subscription;
  if (delivery.consumed < seen) delivery.consumed = seen;
  if (delivery.sent < delivery.consumed) delivery.sent = delivery.consumed;
  const { consumed, sent } = delivery;
  if (sent >= topic.end) return false;
  if (sent === consumed) return true;
  return sent - consumed < WINDOW_EVENTS && topic.bytesFrom(consumed) - topic.bytesFrom(sent) < WINDOW_BYTES;
}
