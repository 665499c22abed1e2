import { createDeferred, type Deferred, onAbort } from '@decoraft/base';
import type { DecoraftError } from '@decoraft/protocol';

/**
 * How a subscription is doing. `live`: a leader sends what comes. `resuming`: none does at the moment, because the group
 * has not agreed on it yet, or the way to the leader is looked for; nothing is lost meanwhile. `ended`: for good; with
 * the reason when the cluster ended it, and without one when its owner did.
 */
export type SubscriptionStatus =
  | { readonly kind: 'live' }
  | { readonly kind: 'resuming' }
  | { readonly kind: 'ended'; readonly reason: DecoraftError | undefined };

/** What both forms of a subscription say about themselves. */
export interface SubscriptionState {
  readonly status: SubscriptionStatus;
  /**
   * The status now, and then whenever it has changed; ends behind `ended`. A loop that is late gets the last status only.
   *
   * @param options `signal` ends the loop by its reason.
   */
  statusChanges(options?: { readonly signal?: AbortSignal }): AsyncIterable<SubscriptionStatus>;
  /**
   * Calls `listener` with every change from now on. What it throws is reported as what an event's listener throws is.
   *
   * @returns Ends that.
   */
  onStatusChanged(listener: (status: SubscriptionStatus) => void): () => void;
}

const LIVE: SubscriptionStatus = { kind: 'live' };
const RESUMING: SubscriptionStatus = { kind: 'resuming' };

/** The status of one subscription, and those who look at it. */
export class StatusOfSubscription {
  readonly #report: (thrown: unknown) => void;
  readonly #listeners = new Set<(status: SubscriptionStatus) => void>();
  #current: SubscriptionStatus = RESUMING;
  /** Resolved with the next change; made when somebody waits for it. */
  #changed: Deferred<void> | undefined;

  /** @param report Told what a listener throws. */
  constructor(report: (thrown: unknown) => void) {
    this.#report = report;
  }

  get current(): SubscriptionStatus {
    return this.#current;
  }

  becomeLive(): void {
    this.#become(LIVE);
  }

  becomeResuming(): void {
    this.#become(RESUMING);
  }

  end(reason: DecoraftError | undefined): void {
    this.#become({ kind: 'ended', reason });
  }

  onChanged(listener: (status: SubscriptionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async *changes(signal?: AbortSignal): AsyncGenerator<SubscriptionStatus, void, undefined> {
    signal?.throwIfAborted();
    const leave = onAbort(signal, () => this.#wake());
    try {
      let shown: SubscriptionStatus | undefined;
      for (;;) {
        signal?.throwIfAborted();
        if (this.#current === shown) {
          this.#changed ??= createDeferred();
          await this.#changed.promise;
          continue;
        }
        shown = this.#current;
        yield shown;
        if (shown.kind === 'ended') return;
      }
    } finally {
      leave();
    }
  }

  #become(next: SubscriptionStatus): void {
    if (this.#current.kind === next.kind || this.#current.kind === 'ended') return;
    this.#current = next;
    this.#wake();
    for (const listener of this.#listeners) {
      try {
        listener(next);
      } catch (thrown) {
        this.#report(thrown);
      }
    }
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
