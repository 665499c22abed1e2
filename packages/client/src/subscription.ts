import { createDeferred, type Deferred, onAbort } from '@decoraft/base';
import {
  BEFORE_ALL_EVENTS,
  compareEventPositions,
  type DecoraftError,
  type EventPosition,
  type SubscriptionId,
} from '@decoraft/protocol';
import {
  StatusOfSubscription,
  type SubscriptionState,
  type SubscriptionStatus,
} from './subscription-status.js';

/**
 * How many events wait here for a slow consumer; what comes after stays with the cluster until there is room. A leader
 * sends no more than this, and no more than 4 MiB, without hearing that some of it was consumed.
 */
const QUEUE_LIMIT = 4_096;
/** When so much was consumed, the leader hears of it at once, and not with the next beat. */
const MUCH_EVENTS = 256;
const MUCH_BYTES = 256 * 1024;

/**
 * Ends a subscription made with a callback. What the callback throws, or rejects with, is logged with the `logger` of
 * `connect`, and surfaces as an uncaught error where there is none; the subscription goes on. A callback is not waited
 * for: a consumer that needs its time takes the form with a loop.
 */
export interface Unsubscribe extends SubscriptionState {
  /** Resolves when no replica knows the subscription any more; the callback is not called again at once. */
  (): Promise<void>;
  /** Resolves when the subscription is over: with the reason when the cluster ended it, else with `undefined`. */
  readonly ended: Promise<DecoraftError | undefined>;
  /** Unsubscribes at the end of the block: `await using stop = await machine.onChanged(listener)`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The events of one subscription, as a stream: each once, in the order of the log, through reconnects and changes
 * of the leader. Breaking out of the loop unsubscribes. It throws when the cluster ends the subscription. The loop takes its
 * time: what it has not asked for waits, some of it here and the rest with the cluster, up to the limits `pendingEvents`
 * and `pendingEventBytes` of the group; beyond, it ends with `SubscriptionOverflow`.
 */
export interface Subscription<Value> extends AsyncIterable<Value>, SubscriptionState {
  /** Resolves when the group has agreed on the subscription: every later command's events arrive. */
  readonly ready: Promise<void>;
  /** Unsubscribes; a running loop ends. */
  close(): Promise<void>;
  /** Unsubscribes at the end of the block: `await using changes = machine.onChanged()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface Arrived {
  readonly position: EventPosition;
  /** Of the encoded value. */
  readonly bytes: number;
  /** Decodes it: what is never consumed never is. */
  readonly value: () => unknown;
}

/** What a subscription needs of the one who feeds it. */
export interface Feeder {
  unsubscribe(id: SubscriptionId): Promise<void>;
  /** There is room again for events that were left with the cluster. */
  resume(): void;
  /** Something was consumed; `isMuch` when the cluster should hear of it soon. */
  consumed(subscription: ClientSubscription, isMuch: boolean): void;
  /** A listener of the user's has thrown. */
  report(thrown: unknown): void;
}

/** The client's end of a subscription: fed by the event feed, consumed by a callback or a loop. */
export class ClientSubscription implements Subscription<unknown> {
  readonly #registered = createDeferred<void>();
  readonly #ended = createDeferred<DecoraftError | undefined>();
  readonly #feeder: Feeder;
  #id: SubscriptionId | undefined;
  #queue: Arrived[] = [];
  /** How many of the queue are consumed. */
  #taken = 0;
  /** Consumed since the leader was told. */
  #untoldEvents = 0;
  #untoldBytes = 0;
  readonly #status: StatusOfSubscription;
  #received: EventPosition = BEFORE_ALL_EVENTS;
  #consumed: EventPosition = BEFORE_ALL_EVENTS;
  /** Events were left with the cluster because the queue was full. */
  #behind = false;
  #over: { readonly error: DecoraftError | undefined } | undefined;
  /** The consumer's signal, where that made the end. */
  #aborted: { readonly reason: unknown } | undefined;
  #wake: Deferred<void> | undefined;

  constructor(feeder: Feeder) {
    this.#feeder = feeder;
    this.#status = new StatusOfSubscription((thrown) => feeder.report(thrown));
    this.#registered.promise.catch(() => undefined);
  }

  /** Once the group has agreed on it. */
  get id(): SubscriptionId | undefined {
    return this.#id;
  }

  get status(): SubscriptionStatus {
    return this.#status.current;
  }

  statusChanges({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterable<SubscriptionStatus> {
    return this.#status.changes(signal);
  }

  onStatusChanged(listener: (status: SubscriptionStatus) => void): () => void {
    return this.#status.onChanged(listener);
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
    if (this.#aborted) this.#leave(id);
  }

  /** A leader sends what comes, or none does. */
  becomeLive(isLive: boolean): void {
    if (isLive) this.#status.becomeLive();
    else this.#status.becomeResuming();
  }

  /** The leader was told what was consumed. */
  told(): void {
    this.#untoldEvents = 0;
    this.#untoldBytes = 0;
  }

  /** Takes an event, unless it came before or there is no room: then the cluster keeps it. */
  push(event: Arrived): void {
    const { position } = event;
    if (this.#over || this.#behind || compareEventPositions(position, this.#received) <= 0) return;
    if (this.#queue.length - this.#taken >= QUEUE_LIMIT) {
      this.#behind = true;
      return;
    }
    this.#received = position;
    this.#queue.push(event);
    this.#awake();
  }

  /** No more events: for a reason, or because the consumer wants none. */
  end(error?: DecoraftError): void {
    // Of no effect where the group has agreed already; elsewhere nobody may wait for it any more.
    if (error) this.#registered.reject(error);
    if (this.#over) return;
    this.#over = { error };
    this.#status.end(error);
    this.#ended.resolve(error);
    this.#awake();
  }

  /** The consumer wants no more, at once: a loop throws `reason`. */
  abort(reason: unknown): void {
    if (this.#over) return;
    this.#aborted = { reason };
    this.#registered.reject(reason);
    this.end();
    if (this.#id !== undefined) this.#leave(this.#id);
  }

  /** Nobody waits for this; where it fails, the session's end removes the subscription. */
  #leave(id: SubscriptionId): void {
    this.#feeder.unsubscribe(id).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.end();
    await this.#registered.promise.catch(() => undefined);
    if (this.#id !== undefined) await this.#feeder.unsubscribe(this.#id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    try {
      await this.ready;
      while (await this.#arrived()) {
        for (let next = this.#take(); next; next = this.#take()) {
          yield next.value();
          // The consumer came back for more: it is done with this one.
          this.#consume(next);
        }
      }
      if (this.#aborted) throw this.#aborted.reason;
      if (this.#over?.error) throw this.#over.error;
    } finally {
      await this.close();
    }
  }

  /** Calls `listener` with every event, in one turn of the event loop with all that arrived together. */
  async deliverTo(listener: (value: unknown) => unknown): Promise<void> {
    await this.ready;
    while (await this.#arrived()) {
      for (let next = this.#take(); next; next = this.#take()) {
        this.#call(listener, next);
        this.#consume(next);
      }
    }
  }

  /** Waits for an event. What arrived is consumed before the end is told, unless the consumer itself made the end. */
  async #arrived(): Promise<boolean> {
    for (;;) {
      if (this.#over && !this.#over.error) return false;
      if (this.#taken < this.#queue.length) return true;
      if (this.#over) return false;
      if (this.#behind) {
        this.#behind = false;
        this.#feeder.resume();
      }
      // Two loops over one subscription share its events: both are woken, one of them finds the next.
      this.#wake ??= createDeferred<void>();
      await this.#wake.promise;
    }
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.resolve();
  }

  #take(): Arrived | undefined {
    if (this.#over && !this.#over.error) return undefined;
    const next = this.#queue[this.#taken];
    if (next) this.#taken += 1;
    if (this.#taken === this.#queue.length || this.#taken === QUEUE_LIMIT) {
      this.#queue = this.#queue.slice(this.#taken);
      this.#taken = 0;
    }
    return next;
  }

  #consume({ bytes, position }: Arrived): void {
    this.#consumed = position;
    this.#untoldEvents += 1;
    this.#untoldBytes += bytes;
    this.#feeder.consumed(this, this.#untoldEvents >= MUCH_EVENTS || this.#untoldBytes >= MUCH_BYTES);
  }

  /** An error that a listener throws is its owner's: it is reported, and disturbs no delivery. */
  #call(listener: (value: unknown) => unknown, { value }: Arrived): void {
    try {
      const result = listener(value());
      if (result instanceof Promise) result.catch((thrown: unknown) => this.#feeder.report(thrown));
    } catch (thrown) {
      this.#feeder.report(thrown);
    }
  }
}

/** The form of a subscription with a callback. */
export function unsubscribeOf(subscription: ClientSubscription): Unsubscribe {
  const unsubscribe = Object.assign(() => subscription.close(), {
    ended: subscription.ended,
    statusChanges: (options?: { readonly signal?: AbortSignal }) => subscription.statusChanges(options),
    onStatusChanged: (listener: (status: SubscriptionStatus) => void) =>
      subscription.onStatusChanged(listener),
    [Symbol.asyncDispose]: () => subscription.close(),
  });
  return Object.defineProperty(unsubscribe, 'status', { get: () => subscription.status }) as Unsubscribe;
}

/** The subscription ends when the signal is aborted; nothing stays on the signal when it ends before. */
export function endWith(signal: AbortSignal, subscription: ClientSubscription): void {
  const release = onAbort(signal, () => subscription.abort(signal.reason));
  void subscription.ended.then(release);
}
