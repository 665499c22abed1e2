import { type Clock, createDeferred, type Deferred } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type NodeId, nodeId, type Raft } from '@decoraft/raft';

/** Hands leadership over, and keeps those who wait for it (thesis §3.10). */
export class LeadershipTransfer {
  readonly #raft: Raft;
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #waiting = new Set<Deferred<void>>();

  /** @param limitMs A transfer that takes longer was given up by the core. */
  constructor(raft: Raft, clock: Clock, limitMs: number) {
    this.#raft = raft;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /**
   * Asks the core to hand over: to `to`, or to the voter that is furthest. Resolves when this node leads no more.
   *
   * Rejects with `InvalidArgument` for one that cannot lead, `Unavailable` when it did not take over in time.
   */
  async begin(to: string | undefined): Promise<void> {
    const { id, role } = this.#raft.status();
    const transferee = to === undefined ? this.#furthest(id) : nodeId(to);
    if (transferee === undefined) {
      throw new DecoraftError('InvalidArgument', 'there is no other voter');
    }
    const result = this.#raft.transferLeadership(transferee);
    if (!result.ok) {
      throw new DecoraftError('InvalidArgument', `${transferee} cannot be made leader: ${result.reason}`);
    }
    if (role === 'leader' && transferee !== id) await this.#ended();
  }

  /** To be called when this node leads no more. */
  resigned(): void {
    for (const { resolve } of this.#waiting) resolve();
  }

  async #ended(): Promise<void> {
    const ended = createDeferred<void>();
    this.#waiting.add(ended);
    const timer = this.#clock.after(this.#limitMs, () =>
      ended.reject(new DecoraftError('Unavailable', 'the other voter did not take over in time')),
    );
    try {
      await ended.promise;
    } finally {
      timer.cancel();
      this.#waiting.delete(ended);
    }
  }

  /** Of those that were heard of lately, where there are any. */
  #furthest(self: NodeId): NodeId | undefined {
    const { configuration, progress } = this.#raft.status();
    const others = progress.filter(({ id }) => id !== self && configuration.voters.includes(id));
    const active = others.filter(({ recentlyActive }) => recentlyActive);
    const [furthest] = (active.length > 0 ? active : others).toSorted(
      (left, right) => right.match - left.match,
    );
    return furthest?.id;
  }
}
