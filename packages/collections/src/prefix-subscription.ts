import type { Subscription, SubscriptionStatus, Unsubscribe } from 'decoraft/client';

/** How a prefix is watched and let go of. */
export interface Watching {
  readonly watch: () => Promise<number>;
  readonly unwatch: (watch: number) => Promise<unknown>;
}

/**
 * A subscription to what is notified only while it is watched. First the subscription, then the watch: so either both
 * belong to one session, or the subscription has ended with the session before, and says so. In the other order, a new
 * session could hold a subscription whose watch has ended with the old one, and would wait for nothing.
 */
export class PrefixSubscription<Value> implements Subscription<Value> {
  readonly #events: Subscription<Value>;
  readonly #watching: Watching;
  readonly #watched: Promise<number>;

  constructor(events: Subscription<Value>, watching: Watching) {
    this.#events = events;
    this.#watching = watching;
    this.#watched = this.#begin();
    // Whoever asks is told.
    this.#watched.catch(() => undefined);
  }

  get ready(): Promise<void> {
    return this.#watched.then(() => undefined);
  }

  get status(): SubscriptionStatus {
    return this.#events.status;
  }

  statusChanges(options?: { readonly signal?: AbortSignal }): AsyncIterable<SubscriptionStatus> {
    return this.#events.statusChanges(options);
  }

  onStatusChanged(listener: (status: SubscriptionStatus) => void): () => void {
    return this.#events.onStatusChanged(listener);
  }

  async close(): Promise<void> {
    await this.#events.close();
    await this.release();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Value> {
    await this.#watched;
    try {
      yield* this.#events;
    } finally {
      await this.release();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the watch alone. One that cannot be ended ends with its session: it costs something, and harms nothing. */
  async release(): Promise<void> {
    try {
      await this.#watching.unwatch(await this.#watched);
    } catch {
      // The session is over, and the watch with it, or the cluster is closed, and the session will be.
    }
  }

  async #begin(): Promise<number> {
    await this.#events.ready;
    try {
      return await this.#watching.watch();
    } catch (thrown) {
      this.#events.close().catch(() => undefined);
      throw thrown;
    }
  }
}

/** The same for a callback. */
export async function listenWatched(
  subscribed: Promise<Unsubscribe>,
  watching: Watching,
): Promise<Unsubscribe> {
  const stop = await subscribed;
  let watch: number;
  try {
    watch = await watching.watch();
  } catch (thrown) {
    stop().catch(() => undefined);
    throw thrown;
  }
  const end = async (): Promise<void> => {
    await stop();
    // One that cannot be ended ends with its session.
    await watching.unwatch(watch).catch(() => undefined);
  };
  return Object.defineProperties(end, {
    ended: { get: () => stop.ended },
    status: { get: () => stop.status },
    statusChanges: { value: stop.statusChanges.bind(stop) },
    onStatusChanged: { value: stop.onStatusChanged.bind(stop) },
    [Symbol.asyncDispose]: { value: end },
  }) as Unsubscribe;
}
