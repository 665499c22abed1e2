import type { Logger, Random } from '@decoraft/base';
import { replaceGlobals } from './globals.js';
import type { MachineClock } from './machine-clock.js';
import { SimulatedNetwork } from './network.js';
import type { Randomness } from './randomness.js';
import { type EventOwner, Scheduler } from './scheduler.js';
import { SimulatedProcess } from './simulated-process.js';

export interface NewProcess {
  readonly name: string;
  readonly clock: MachineClock;
  /** What its code gets from `Math.random`. */
  readonly random: Random;
  readonly onUncaught: (error: unknown) => void;
}

/** Time, network and processes, and nothing that knows Raft. */
export class World {
  readonly scheduler = new Scheduler();
  readonly network: SimulatedNetwork;
  readonly #processes = new WeakMap<
    EventOwner,
    { readonly clock: SimulatedProcess['clock']; readonly random: Random }
  >();
  readonly #self: EventOwner;
  #failure: { readonly error: unknown } | undefined;

  constructor(randomness: Randomness) {
    const { scheduler } = this;
    this.network = new SimulatedNetwork({
      scheduler,
      latency: randomness.fork('latency'),
      storm: randomness.fork('storm'),
    });
    this.#self = { name: 'world', isAlive: true, holds: () => false, failed: (error) => this.fail(error) };
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  process(options: NewProcess): SimulatedProcess {
    const { scheduler } = this;
    const process = new SimulatedProcess({ ...options, scheduler });
    this.#processes.set(process, { clock: process.clock, random: options.random });
    return process;
  }

  /** Makes something happen to the world itself. */
  after(delayMs: number, kind: string, callback: () => void): void {
    this.scheduler.schedule(this.#self, delayMs, kind, callback);
  }

  /** The run is over at once: something happened that must not. The first one counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Lets time pass until `isDone`. Rejects with what {@link fail} was told. */
  run(isDone: () => boolean): Promise<void> {
    return this.scheduler.run(() => {
      if (this.#failure) throw this.#failure.error;
      return isDone();
    });
  }

  /** What a process logs goes into the trace from `warn` on. */
  logger(name: string): Logger {
    return {
      log: (level, message) => {
        if (level === 'warn' || level === 'error') this.scheduler.note(name, level, message);
      },
    };
  }

  /** Replaces the machine's time and randomness by this world's; returns what undoes it. */
  enter(): () => void {
    return replaceGlobals({
      current: () => {
        const owner = this.scheduler.current;
        return owner && this.#processes.get(owner);
      },
      soon: (callback) => this.scheduler.soon(callback),
    });
  }
}
