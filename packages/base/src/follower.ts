import { pause, systemClock } from './clock.js';
import { CodedError } from './errors.js';

/** How long to wait before it is tried again to follow what has ended the events. */
const REOPEN_MS = 1_000;

/** Events of one subscription. */
export interface FollowedEvents<Event> extends AsyncIterable<Event> {
  /** Resolves when they are sure to come from now on. */
  readonly ready: Promise<unknown>;
  close(): Promise<void>;
}

/** A state elsewhere that events tell the changes of. */
export interface Followed<Event> {
  subscribe(): FollowedEvents<Event>;
  /** Looks at all of it: whatever is not in there comes with the events. */
  look(): Promise<void>;
  take(event: Event): void;
  /** What the events come from is closed: there will be none any more. */
  cancelled(): void;
}

/** Follows what may end the subscription, and begins anew then, until it is closed. */
export class Follower<Event> {
  readonly #followed: Followed<Event>;
  readonly #closing = new AbortController();
  #events: FollowedEvents<Event> | undefined;

  private constructor(followed: Followed<Event>) {
    this.#followed = followed;
  }

  /** Resolves when it has looked for the first time; rejects with what that, or the subscription, rejects with. */
  static async open<Event>(followed: Followed<Event>): Promise<Follower<Event>> {
    const follower = new Follower(followed);
    void follower.#follow(await follower.#subscribe());
    return follower;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.#closing.abort();
    await this.#events?.close().catch(() => undefined);
  }

  /** Events first, then the look. */
  async #subscribe(): Promise<FollowedEvents<Event>> {
    const events = this.#followed.subscribe();
    try {
      await events.ready;
      await this.#followed.look();
      this.#events = events;
      // It was closed meanwhile: these are nobody's.
      if (this.isClosed) await events.close();
      return events;
    } catch (thrown) {
      await events.close().catch(() => undefined);
      throw thrown;
    }
  }

  async #follow(first: FollowedEvents<Event>): Promise<void> {
    let events: FollowedEvents<Event> | undefined = first;
    while (!this.isClosed) {
      try {
        events ??= await this.#subscribe();
        for await (const event of events) this.#followed.take(event);
      } catch (thrown) {
        if (thrown instanceof CodedError && thrown.code === 'Cancelled') return this.#followed.cancelled();
      }
      events = undefined;
      if (!this.isClosed) await pause(systemClock, REOPEN_MS, this.#closing.signal);
    }
  }
}
