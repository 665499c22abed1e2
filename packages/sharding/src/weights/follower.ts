import { Follower } from '@decoraft/base';
import type { Cluster } from '@decoraft/client';
import { ShardWeightsClient } from './generated/shard-weights.client.js';
import type { WeightsView } from './records.js';

/** The weights of a machine, kept up to date in this process: each version once or never, and never an older one. */
export class WeightsFollower {
  #follower: Follower<WeightsView> | undefined;
  #listener: (() => void) | undefined;
  #view: WeightsView = { version: -1, weights: [] };
  #isClosed = false;

  private constructor() {}

  /** @param machine The name under which a `ShardWeights` is registered. */
  static async open(cluster: Cluster, machine: string): Promise<WeightsFollower> {
    const client = new ShardWeightsClient(cluster, machine);
    const weights = new WeightsFollower();
    weights.#follower = await Follower.open({
      subscribe: () => client.onWeightsChanged(),
      look: async () => weights.#take(await client.view()),
      take: (view) => weights.#take(view),
      cancelled: () => void weights.close(),
    });
    return weights;
  }

  get view(): WeightsView {
    return this.#view;
  }

  /** There is one who listens: it is told when {@link view} is another. */
  listen(listener: () => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#follower?.close();
  }

  #take(view: WeightsView): void {
    if (this.#isClosed || view.version <= this.#view.version) return;
    this.#view = view;
    this.#listener?.();
  }
}
