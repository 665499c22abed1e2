import type { Clock, Logger } from '@decoraft/base';

/** One complaint about one sender is repeated no more often than this. */
const REPEAT_MS = 10_000;
/** Senders that are remembered at most; whoever invents names does not cost memory. */
const SENDERS_LIMIT = 256;

/** Tells of servers that send what cannot be listened to: loudly, and not with every message of theirs. */
export class Complaints {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #toldMs = new Map<string, number>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  about(sender: string, words: string, fields: Readonly<Record<string, unknown>>): void {
    const key = `${sender}: ${words}`;
    const nowMs = this.#clock.monotonicMs();
    const toldMs = this.#toldMs.get(key);
    if (toldMs !== undefined && nowMs - toldMs < REPEAT_MS) return;
    if (this.#toldMs.size >= SENDERS_LIMIT) this.#toldMs.clear();
    this.#toldMs.set(key, nowMs);
    this.#logger.log('error', words, { from: sender, ...fields });
  }
}
