import type { Clock, Timer } from '@decoraft/base';

export interface TickerOptions {
  readonly clock: Clock;
  readonly tickMs: number;
  /** Standing still for longer than this is a pause. */
  readonly maxGapMs: number;
  /** So many ticks have passed since the last call: more than one when the process was late. */
  readonly tick: (count: number) => void;
  /** The process stood still for so long. Those ticks are not made up for. */
  readonly paused: (durationMs: number) => void;
}

const LEAST_DELAY_MS = 1;

/**
 * The core's time, counted on the monotonic clock, whatever the timers do. After a pause (a long collection, a stopped
 * process, a frozen machine) the ticks that were missed are dropped, because a storm of them would end in an election
 * that nobody needs (checklist C10); the core is told instead.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #timer: Timer | undefined;
  /** Up to here, time has been counted. */
  #countedMs: number;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#countedMs = options.clock.monotonicMs();
  }

  start(): void {
    const { clock, tickMs } = this.#options;
    // A timer may fire a little early, by rounding alone: then the next one must not be due at the same instant.
    const delayMs = Math.max(LEAST_DELAY_MS, this.#countedMs + tickMs - clock.monotonicMs());
    this.#timer = clock.after(delayMs, () => {
      this.catchUp();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /**
   * Counts what has passed up to now. The timer does so; whoever trusts the number of ticks does so before, because
   * after a pause what arrived meanwhile may be handled before any timer (checklist C37).
   */
  catchUp(): void {
    const { clock, maxGapMs, paused, tick, tickMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const gapMs = nowMs - this.#countedMs;
    if (gapMs > maxGapMs) {
      this.#countedMs = nowMs;
      return paused(gapMs);
    }
    const count = Math.floor(gapMs / tickMs);
    this.#countedMs += count * tickMs;
    if (count > 0) tick(count);
  }
}
