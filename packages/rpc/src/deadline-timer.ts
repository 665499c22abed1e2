import type { Clock, Timer } from '@decoraft/base';

/** Beyond this, timers of JavaScript fire at once. */
const MAX_DELAY_MS = 0x7fff_ffff;

/**
 * One timer for all the deadlines of a connection: calls come and go by the thousand, and nearly none of them
 * meets its deadline.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #sweep: (nowMs: number) => number;
  #timer: Timer | undefined;
  #atMs = Infinity;

  /**
   * @param clock Deadlines are instants of its monotonic time.
   * @param sweep Ends what is due at `nowMs` and returns the earliest deadline that is left, Infinity if none.
   */
  constructor(clock: Clock, sweep: (nowMs: number) => number) {
    this.#clock = clock;
    this.#sweep = sweep;
  }

  /** There is something with this deadline now. */
  note(deadlineMs: number): void {
    if (deadlineMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = deadlineMs;
    const delayMs = Math.min(Math.max(0, deadlineMs - this.#clock.monotonicMs()), MAX_DELAY_MS);
    this.#timer = this.#clock.after(delayMs, () => {
      this.#atMs = Infinity;
      this.note(this.#sweep(this.#clock.monotonicMs()));
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#atMs = -Infinity;
  }
}
