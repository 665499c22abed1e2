import type { Clock, Timer } from '@decoraft/base';
import type { MachineClock } from './machine-clock.js';
import type { EventOwner, Scheduled, Scheduler } from './scheduler.js';

export interface ProcessOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly clock: MachineClock;
  /** A callback threw where nobody catches: a real process would end. */
  readonly onUncaught: (error: unknown) => void;
}

/** Below this a timer has fired early by rounding alone. */
const ROUNDING_MS = 1e-6;
/** Node's timers are no finer: without it, time would stand still for one who waits for the rest of a millisecond. */
const LEAST_TIMER_MS = 1;

/**
 * One life of a process: its event loop. A paused one keeps its events, a dead one never has any. Everything that a
 * node does, it does inside of an event of its process.
 */
export class SimulatedProcess implements EventOwner {
  readonly name: string;
  readonly clock: Clock;
  readonly #options: ProcessOptions;
  #held: Scheduled[] | undefined;
  #isAlive = true;

  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.#options = options;
    const { clock } = options;
    this.clock = {
      now: () => clock.nowMs,
      monotonicMs: () => clock.monotonicMs,
      after: (delayMs, callback) => this.#after(delayMs, callback),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#held !== undefined;
  }

  /** Makes something happen to this process: a message, a completed write. */
  schedule(delayMs: number, kind: string, callback: () => void, detail?: Uint8Array | string): Scheduled {
    return this.#options.scheduler.schedule(this, delayMs, kind, callback, detail);
  }

  /** Its event loop stands still (a garbage collection, a suspended machine) while time goes on. */
  pause(): void {
    this.#held ??= [];
  }

  /** What was kept happens now, in the order in which it would have happened. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { callback, detail, isCancelled, kind } of held) {
      if (!isCancelled) this.schedule(0, kind, callback, detail);
    }
  }

  /** The process ends, at once and without a word. */
  kill(): void {
    this.#isAlive = false;
    this.#held = undefined;
  }

  holds(event: Scheduled): boolean {
    this.#held?.push(event);
    return this.#held !== undefined;
  }

  failed(error: unknown): void {
    this.#options.onUncaught(error);
  }

  #after(delayMs: number, callback: () => void): Timer {
    const { clock, scheduler } = this.#options;
    const dueMs = clock.monotonicMs + Math.max(LEAST_TIMER_MS, delayMs);
    let isOver = false;
    const fire = (): void => {
      if (isOver) return;
      // The clock may have become slower meanwhile: a timer never fires early by its own clock.
      if (clock.monotonicMs < dueMs - ROUNDING_MS) return void (event = arm());
      isOver = true;
      callback();
    };
    const arm = (): Scheduled => this.schedule(clock.worldMsUntil(dueMs), 'timer', fire);
    let event = arm();
    return {
      cancel: () => {
        if (isOver) return;
        isOver = true;
        scheduler.cancel(event);
      },
    };
  }
}
