import { onAbort } from './on-abort.js';

/** A running timer; `cancel` may be called more than once and after it fired. */
export interface Timer {
  cancel(): void;
}

/** Time as a port: production reads the machine's, tests and the simulator bring their own. */
export interface Clock {
  /** Milliseconds since 1970 of the wall clock; may jump. */
  now(): number;
  /** Milliseconds of a clock that never goes back; its zero means nothing. */
  monotonicMs(): number;
  /** Calls `callback` once, not before `delayMs` have passed and never inside this call. */
  after(delayMs: number, callback: () => void): Timer;
}

/** The clock of this process. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves when `durationMs` have passed, or the signal is aborted. */
export function pause(clock: Clock, durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(durationMs, () => {
      release();
      resolve();
    });
    const release = onAbort(signal, () => {
      timer.cancel();
      resolve();
    });
  });
}

/** A clock that stands still until it is told to move. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  #timers: { readonly dueMs: number; readonly sequence: number; readonly callback: () => void }[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  /** Moves time on by `durationMs` and fires what falls due on the way, in order of due time. */
  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (let next = this.#nextDue(untilMs); next; next = this.#nextDue(untilMs)) {
      const timer = next;
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.callback();
    }
    this.#nowMs = untilMs;
  }

  #nextDue(untilMs: number) {
    return this.#timers
      .filter((timer) => timer.dueMs <= untilMs)
      .toSorted((left, right) => left.dueMs - right.dueMs || left.sequence - right.sequence)[0];
  }
}
