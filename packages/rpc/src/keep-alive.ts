import type { Clock, Timer } from '@decoraft/base';

export interface KeepAliveOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Asks the other side for a sign of life. */
  readonly ping: () => void;
  /** The other side has been silent for `silentMs`; called once, nothing follows. */
  readonly dead: (silentMs: number) => void;
}

/**
 * Finds the half-open connection: the other machine is gone and no packet will ever say so. Silence is counted in
 * whole intervals, so the verdict may come one interval later than the timeout says.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #hasHeard = true;
  #heardMs: number;
  #timer: Timer;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#heardMs = options.clock.monotonicMs();
    this.#timer = this.#next();
  }

  /** The other side has given a sign of life. */
  heard(): void {
    this.#hasHeard = true;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #next(): Timer {
    return this.#options.clock.after(this.#options.intervalMs, () => this.#check());
  }

  #check(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#hasHeard) this.#heardMs = nowMs;
    const silentMs = nowMs - this.#heardMs;
    if (silentMs >= this.#options.timeoutMs) return this.#options.dead(silentMs);
    if (!this.#hasHeard) this.#options.ping();
    this.#hasHeard = false;
    this.#timer = this.#next();
  }
}
