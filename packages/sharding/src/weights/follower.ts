import { createDeferred, systemClock } from '@decoraft/base';
import type { Cluster, Subscription } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import { ShardWeightsClient } from './generated/shard-weights.client.js';
import type { WeightsView } from './records.js';

/** How long to wait before it is tried again to follow weights whose subscription the cluster has ended. */
const REOPEN_MS = 1_000;

/** The weights of a machine, kept up to date in this process: each version once or never, and never an older one. */
export class WeightsFollower {
  readonly #client: ShardWeightsClient;
  #listener: (() => void) | undefined;
  readonly #closed = createDeferred<void>();
  #view: WeightsView = { version: -1, weights: [] };
  #subscription: Subscription<WeightsView> | undefined;
  #isClosed = false;

  private constructor(client: ShardWeightsClient) {
    this.#client = client;
  }

  /** @param machine The name under which a `ShardWeights` is registered. */
  static async open(cluster: Cluster, machine: string): Promise<WeightsFollower> {
    const follower = new WeightsFollower(new ShardWeightsClient(cluster, machine));
    const subscription = await follower.#subscribe((view) => void (follower.#view = view));
    void follower.#follow(subscription);
    return follower;
  }

  get view(): WeightsView {
    return this.#view;
  }

  /** There is one who listens: it is told when {@link view} is another. */
  listen(listener: () => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed.resolve();
    await this.#subscription?.close().catch(() => undefined);
  }

  /** Events first, then the view: whatever is not in the one comes with the others. */
  async #subscribe(take: (view: WeightsView) => void): Promise<Subscription<WeightsView>> {
    const subscription = this.#client.onWeightsChanged();
    try {
      await subscription.ready;
      take(await this.#client.view());
      this.#subscription = subscription;
      return subscription;
    } catch (thrown) {
      await subscription.close().catch(() => undefined);
      throw thrown;
    }
  }

  async #follow(first: Subscription<WeightsView>): Promise<void> {
    let subscription: Subscription<WeightsView> | undefined = first;
    while (!this.#isClosed) {
      try {
        subscription ??= await this.#subscribe((view) => this.#take(view));
        for await (const view of subscription) this.#take(view);
      } catch (thrown) {
        // The connection itself was closed.
        if (DecoraftError.from(thrown).code === 'Cancelled') return this.close();
      }
      subscription = undefined;
      if (!this.#isClosed) await this.#pause();
    }
  }

  #take(view: WeightsView): void {
    if (this.#isClosed || view.version <= this.#view.version) return;
    this.#view = view;
    this.#listener?.();
  }

  #pause(): Promise<void> {
    const waited = createDeferred<void>();
    const timer = systemClock.after(REOPEN_MS, waited.resolve);
    return Promise.race([waited.promise, this.#closed.promise]).finally(() => timer.cancel());
  }
}
