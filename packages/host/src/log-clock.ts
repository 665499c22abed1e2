import type { Clock } from '@decoraft/base';

/** How fast the log's time goes, beside a true clock's, while the leader's clock is behind it. */
const CATCHING_UP = 0.5;

/**
 * The time that a leader gives to entries: its wall clock's, but never before the time that the log has already, for
 * this must not go back when another leader's clock was ahead, or somebody has set this one's back.
 *
 * While the wall clock is behind the log, the log's time goes on at half the speed, by the monotonic clock, until the
 * other has caught up. So timers wait up to twice as long in the meantime; if it stood still, they would wait as long
 * as the clock was wrong.
 */
export class LogClock {
  readonly #clock: Clock;
  readonly #logTime: () => number;
  /** Where both were when this clock was first seen to be behind; `undefined` while it is not. */
  #behind: { readonly timeMs: number; readonly monotonicMs: number } | undefined;

  /** @param logTime The time of the last entry that was applied here. */
  constructor(clock: Clock, logTime: () => number) {
    this.#clock = clock;
    this.#logTime = logTime;
  }

  /** Milliseconds since 1970. */
  now(): number {
    const nowMs = this.#clock.now();
    const timeMs = this.#logTime();
    if (nowMs >= timeMs) {
      this.#behind = undefined;
      return nowMs;
    }
    const monotonicMs = this.#clock.monotonicMs();
    this.#behind ??= { timeMs, monotonicMs };
    const passedMs = Math.floor((monotonicMs - this.#behind.monotonicMs) * CATCHING_UP);
    return Math.max(timeMs, this.#behind.timeMs + passedMs);
  }
}
