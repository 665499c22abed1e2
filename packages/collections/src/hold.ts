import type { Cluster } from 'decoraft/client';
import { mayBeRepeated, seeToIt, unwrapped } from './persistence.js';
import type { Stay } from './visit.js';

/** What a client has, for as long as its session lasts or until it gives it back. */
export class Hold {
  readonly #cluster: Cluster;
  readonly #visit: Stay;
  readonly #giveBack: () => Promise<boolean>;
  readonly #lost = new AbortController();
  readonly #forgetEnd: () => void;
  #released: Promise<boolean> | undefined;

  /** @param giveBack Gives it back, and whether it was held; must do no harm when it is asked twice. */
  constructor(cluster: Cluster, visit: Stay, giveBack: () => Promise<boolean>) {
    this.#cluster = cluster;
    this.#visit = visit;
    this.#giveBack = giveBack;
    this.#forgetEnd = visit.onEnd((reason) => this.#lost.abort(reason));
  }

  /** Aborted when it was lost, with the reason; never by giving it back. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Gives it back, once; gives whether it was held until then. Where that has no answer in time, it goes on in the
   * background.
   */
  release(): Promise<boolean> {
    return (this.#released ??= this.#release());
  }

  async #release(): Promise<boolean> {
    this.#forgetEnd();
    if (this.#visit.reason) return false;
    try {
      return await this.#giveBack();
    } catch (thrown) {
      // Nothing is held by a session that has ended.
      if (this.#visit.reason) return false;
      const isOver = (): boolean => this.#visit.reason !== undefined;
      if (mayBeRepeated(thrown)) seeToIt(this.#cluster, this.#giveBack, isOver);
      throw unwrapped(thrown);
    }
  }
}
