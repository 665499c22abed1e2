import { createDeferred, type Deferred } from '@decoraft/base';
import {
  BEFORE_ALL_EVENTS,
  compareEventPositions,
  type DecoraftError,
  type EventPosition,
  type SubscriptionId,
} from '@decoraft/protocol';

/** How many events wait here for a slow consumer; what comes after stays with the cluster until there is room. */
const QUEUE_LIMIT = 4_096;

/** Ends a subscription made with a callback. */
export interface Unsubscribe {
  /** Resolves when no replica knows the subscription any more; the callback is not called again at once. */
  (): Promise<void>;
  /** Resolves when the subscription is over: with the reason when the cluster ended it, else with `undefined`. */
  readonly ended: Promise<DecoraftError | undefined>;
}

/**
 * The events of one subscription, as a stream: each once, in the order of the log, through reconnects and changes
 * of the leader. Breaking out of the loop unsubscribes. It throws when the cluster ends the subscription.
 */
export interface Subscription<Value> extends AsyncIterable<Value> {
  /** Resolves when the group has agreed on the subscription: every later command's events arrive. */
  readonly ready: Promise<void>;
  /** Unsubscribes; a running loop ends. */
  close(): Promise<void>;
}

interface Arrived {
  readonly position: EventPosition;
  readonly value: unknown;
}

/** What a subscription needs of the one who feeds it. */
export interface Feeder {
  unsubscribe(id: SubscriptionId): Promise<void>;
  /** There is room again for events that were left with the cluster. */
  resume(): void;
}

/** The client's end of a subscription: fed by the event feed, consumed by a callback or a loop. */
export class ClientSubscription implements Subscription<unknown> {
  readonly #registered = createDeferred<void>();
  readonly #ended = createDeferred<DecoraftError | undefined>();
  readonly #feeder: Feeder;
  #id: SubscriptionId | undefined;
  #queue: Arrived[] = [];
  #received: EventPosition = BEFORE_ALL_EVENTS;
  #consumed: EventPosition = BEFORE_ALL_EVENTS;
  /** Events were left with the cluster because the queue was full. */
  #behind = false;
  #over: { readonly error: DecoraftError | undefined } | undefined;
  #wake: Deferred<void> | undefined;

  constructor(feeder: Feeder) {
    this.#feeder = feeder;
    this.#registered.promise.catch(() => undefined);
  }

  get ready(): Promise<void> {
    return this.#registered.promise;
  }

  get ended(): Promise<DecoraftError | undefined> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /** All up to here has been handed to the consumer. */
  get consumed(): EventPosition {
    return this.#consumed;
  }

  /** All up to here has arrived; a resumed stream goes on behind it. */
  get received(): EventPosition {
    return this.#received;
  }

  registered(id: SubscriptionId): void {
    this.#id = id;
    this.#registered.resolve();
  }

  /** Takes an event, unless it came before or there is no room: then the cluster keeps it. */
  push(position: EventPosition, value: unknown): void {
    if (this.#over || this.#behind || compareEventPositions(position, this.#received) <= 0) return;
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.#behind = true;
      return;
    }
    this.#received = position;
    this.#queue.push({ position, value });
    this.#wake?.resolve();
  }

  /** No more events: for a reason, or because the consumer wants none. */
  end(error?: DecoraftError): void {
    // Of no effect where the group has agreed already; elsewhere nobody may wait for it any more.
    if (error) this.#registered.reject(error);
    if (this.#over) return;
    this.#over = { error };
    this.#ended.resolve(error);
    this.#wake?.resolve();
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.end();
    await this.#registered.promise.catch(() => undefined);
    if (this.#id !== undefined) await this.#feeder.unsubscribe(this.#id);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    try {
      await this.ready;
      for (let next = await this.#next(); next; next = await this.#next()) {
        yield next.value;
        // The consumer came back for more: it is done with this one.
        this.#consumed = next.position;
      }
      if (this.#over?.error) throw this.#over.error;
    } finally {
      await this.close();
    }
  }

  /** Calls `listener` with every event, one turn of the event loop for all that arrived together. */
  async deliverTo(listener: (value: unknown) => void): Promise<void> {
    await this.ready;
    for (let next = await this.#next(); next; next = await this.#next()) {
      callListener(listener, next.value);
      this.#consumed = next.position;
    }
  }

  /** What arrived is consumed before the end is told, unless the consumer itself made the end. */
  async #next(): Promise<Arrived | undefined> {
    for (;;) {
      if (this.#over && !this.#over.error) return undefined;
      const next = this.#queue.shift();
      if (next) return next;
      if (this.#over) return undefined;
      if (this.#behind) {
        this.#behind = false;
        this.#feeder.resume();
      }
      this.#wake = createDeferred<void>();
      await this.#wake.promise;
    }
  }
}

/** An error that a listener throws is its owner's: it surfaces as an uncaught error and disturbs no delivery. */
function callListener(listener: (value: unknown) => void, value: unknown): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
