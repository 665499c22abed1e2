import { type Logger, messageOf } from '@decoraft/base';
import type { Proposal } from '@decoraft/protocol';
import type { LogClock } from './log-clock.js';

/** What is asked of the node whose time is kept. */
export interface TimedNode {
  readonly isLeader: boolean;
  readonly replica: { readonly timers: { readonly nextDueMs: number } };
  /** On the leader: settles when the entry was applied here, or when it is not known any more whether it will be. */
  readonly proposeOwn: (proposal: Proposal) => Promise<unknown>;
}

/**
 * Lets time pass where nothing else does: timers fire by the time of entries, so the leader makes an entry when one is
 * due and none has come. With the first tick behind the due time, and one entry under way at a time.
 */
export class TimeKeeper {
  readonly #node: TimedNode;
  readonly #clock: LogClock;
  readonly #logger: Logger;
  #isUnderWay = false;

  constructor(node: TimedNode, clock: LogClock, logger: Logger) {
    this.#node = node;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** To be called with every tick. */
  maybeAdvance(): void {
    const { isLeader, replica } = this.#node;
    if (!isLeader || this.#isUnderWay) return;
    const { nextDueMs } = replica.timers;
    if (nextDueMs !== Infinity && nextDueMs <= this.#clock.now()) void this.#advance();
  }

  async #advance(): Promise<void> {
    this.#isUnderWay = true;
    try {
      await this.#node.proposeOwn({ kind: 'advance-time' });
    } catch (thrown) {
      // The next leader, or the next tick, makes another one.
      this.#logger.log('debug', 'timers could not be fired yet', { reason: messageOf(thrown) });
    } finally {
      this.#isUnderWay = false;
    }
  }
}
