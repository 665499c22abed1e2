import type { Clock, Random, Timer } from '@decoraft/base';

/** Members are replaced one by one, and by hand: this is soon enough to hear of each of them while others are left. */
const REFRESH_MS = 5_000;

export interface MemberRefreshOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Asks a node that is connected who the members are; does nothing when none is. */
  readonly ask: () => Promise<void>;
}

/**
 * Hears of new members before all that were known are gone: a client that runs for months outlives every address that it
 * was given (etcd's clients do the same under the name of auto-sync).
 */
export class MemberRefresh {
  readonly #options: MemberRefreshOptions;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(options: MemberRefreshOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isOver) return;
    const { ask, clock, random } = this.#options;
    // Clients that began together do not go on asking together.
    this.#timer = clock.after(REFRESH_MS * (0.5 + random()), () => {
      ask()
        .catch(() => undefined)
        .finally(() => this.start());
    });
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }
}
