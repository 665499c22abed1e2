import type { Clock } from '@decoraft/base';

/**
 * Of its timeout, the part for which a member may believe that it is online. The rest is for clocks that run at another
 * speed than the leader's.
 */
const SHARE = 0.75;

/**
 * Until when a member may believe that it is one, and online. It counts from when a beat was sent that the leader has
 * answered, on the clocks of this process, and the leader takes nobody offline before a longer time has passed from
 * when the beat arrived: so it is over here before others act on the member's end, also for a process that stood still.
 *
 * It is only as good as clocks are: they may differ by a quarter in speed, not more.
 */
export class MemberLease {
  readonly #clock: Clock;
  readonly #durationMs: number;
  #untilMs = -Infinity;
  /** The same on the wall clock: the other one stands still while a machine is suspended. */
  #untilWallMs = -Infinity;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#durationMs = timeoutMs * SHARE;
  }

  /** Milliseconds that are left; 0 when it is over. */
  get remainingMs(): number {
    const leftMs = this.#untilMs - this.#clock.monotonicMs();
    const leftWallMs = this.#untilWallMs - this.#clock.now();
    return Math.max(0, Math.min(leftMs, leftWallMs));
  }

  get isValid(): boolean {
    return this.remainingMs > 0;
  }

  /** The moment now: to be taken when a beat is sent. */
  moment(): LeaseMoment {
    return { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.now() };
  }

  /** The leader has answered what was sent at that moment. */
  renew({ monotonicMs, wallMs }: LeaseMoment): void {
    if (monotonicMs + this.#durationMs <= this.#untilMs) return;
    this.#untilMs = monotonicMs + this.#durationMs;
    this.#untilWallMs = wallMs + this.#durationMs;
  }

  /** The member is none any more, and knows it. */
  end(): void {
    this.#untilMs = -Infinity;
  }
}

/** A moment on both clocks of this process. */
export interface LeaseMoment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}
