import type { Scheduler } from './scheduler.js';

/** 2026-01-01, so that times in traces look like times. */
const EPOCH_MS = 1_767_225_600_000;

/** The clock of one simulated machine: a view of the world's time that may run fast or slow, and jump. */
export class MachineClock {
  readonly #scheduler: Scheduler;
  #wallOffsetMs: number;
  #rate = 1;
  /** The two times at the last change of the rate. */
  #worldMs = 0;
  #localMs = 0;

  /** @param wallOffsetMs How far its wall clock is off; two machines never agree to the millisecond. */
  constructor(scheduler: Scheduler, wallOffsetMs: number) {
    this.#scheduler = scheduler;
    this.#wallOffsetMs = wallOffsetMs;
  }

  /** The wall clock: milliseconds since 1970, whole as everywhere. */
  get nowMs(): number {
    return Math.floor(EPOCH_MS + this.#wallOffsetMs + this.monotonicMs);
  }

  get monotonicMs(): number {
    return this.#localMs + (this.#scheduler.nowMs - this.#worldMs) * this.#rate;
  }

  /** Somebody sets the wall clock. The monotonic one knows nothing of it. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** @param rate Of this clock's seconds to true ones; 1 is right. */
  drift(rate: number): void {
    this.#localMs = this.monotonicMs;
    this.#worldMs = this.#scheduler.nowMs;
    this.#rate = rate;
  }

  /** How long the world takes until this clock has moved by `localMs`, as it runs now. */
  worldMsUntil(localMs: number): number {
    return Math.max(0, localMs - this.monotonicMs) / this.#rate;
  }
}
