import type { Cluster } from '@decoraft/client';
import { Observer } from '@decoraft/membership';
import { DecoraftError } from '@decoraft/protocol';
import { LiveRing, type RingState, type Stop } from './live-ring.js';
import { HashRing } from './ring.js';
import { WeightsFollower } from './weights/follower.js';
import { type WeightsView, weighted } from './weights/records.js';

export interface ShardRingOptions {
  /** The group of the membership whose members own keys. One that is not there yet has none. */
  readonly group: string;
  /** The name under which a `ShardWeights` is registered; all weigh 1 when it is left out. */
  readonly weights?: string;
  /**
   * Whose keys stay: `joined`, the default, keeps a member's keys with it while it is offline, and `ownersOf` says who
   * stands in; `online` moves them with every change of that.
   */
  readonly members?: 'joined' | 'online';
}

/**
 * The ring over a group of the membership, kept up to date in this process. Clients see a change each in their own time,
 * but whoever has the same versions has the same ring: put the version into what you ask of an owner, and let one that is
 * further refuse it.
 */
export class ShardRing extends LiveRing {
  readonly #observer: Observer;
  readonly #weights: WeightsFollower | undefined;
  readonly #stops: readonly Stop[];

  private constructor(observer: Observer, weights: WeightsFollower | undefined, options: ShardRingOptions) {
    super(stateOf(observer, weights?.view, options));
    this.#observer = observer;
    this.#weights = weights;
    const refresh = (): void => this.become(stateOf(observer, weights?.view, options));
    weights?.listen(refresh);
    this.#stops = [observer.onChange(refresh), observer.onReset(refresh)];
  }

  /**
   * Begins to follow; the ring is there when this resolves.
   *
   * @param cluster From `connect`; it has to stay open.
   * @throws DecoraftError `InvalidArgument` for options that cannot be; `Unimplemented` or `NotFound` when the nodes keep no
   *   membership, or no such weights; what every query and subscription throws.
   */
  static async open(cluster: Cluster, options: ShardRingOptions): Promise<ShardRing> {
    checkOptions(options);
    const observer = await Observer.open(cluster);
    try {
      const { weights } = options;
      const follower = weights === undefined ? undefined : await WeightsFollower.open(cluster, weights);
      return new ShardRing(observer, follower, options);
    } catch (thrown) {
      await observer.close();
      throw thrown;
    }
  }

  /** Follows no more; what it shows stays as it is. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await Promise.all([this.#observer.close(), this.#weights?.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function stateOf(observer: Observer, weights: WeightsView | undefined, options: ShardRingOptions): RingState {
  const { group, members = 'joined' } = options;
  const ids = observer
    .groupMembers(group)
    .filter(({ isOnline }) => isOnline || members === 'joined')
    .map(({ id }) => id);
  return {
    ring: new HashRing(weighted(ids, weights)),
    version: { membership: observer.version, weights: weights?.version ?? 0 },
  };
}

function checkOptions({ group, members, weights }: ShardRingOptions): void {
  refuse(typeof group !== 'string' || group === '', 'group is no name');
  refuse(
    weights !== undefined && (typeof weights !== 'string' || weights === ''),
    'weights is no name of a machine',
  );
  refuse(
    members !== undefined && members !== 'joined' && members !== 'online',
    "members is 'joined' or 'online'",
  );
}

function refuse(isWrong: boolean, words: string): void {
  if (isWrong) throw new DecoraftError('InvalidArgument', `ring: ${words}`);
}
