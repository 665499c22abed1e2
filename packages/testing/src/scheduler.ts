import { EventHeap } from './event-heap.js';
import { Trace } from './trace.js';

/** Whose turn an event is. */
export interface EventOwner {
  readonly name: string;
  /** False once it is dead: its events never happened. */
  readonly isAlive: boolean;
  /** True when the owner keeps the event for later, because it stands still. */
  holds(event: Scheduled): boolean;
  /** A callback of it threw: in a real process, an uncaught exception. */
  failed(error: unknown): void;
}

export interface Scheduled {
  readonly dueMs: number;
  readonly sequence: number;
  readonly owner: EventOwner;
  readonly kind: string;
  readonly detail: Uint8Array | string | undefined;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Events that may happen at one moment; more is a loop that lets no time pass. */
const MOST_AT_ONCE = 200_000;

/** The machine's own, taken before anybody replaces it: see globals.ts. */
const realTurn = globalThis.setImmediate;

/**
 * The one time of a simulated world. Events happen one by one in order of due time; between two of them everything
 * that the first one set off runs to its end: promises, and what was put off to the end of the turn.
 */
export class Scheduler {
  readonly trace = new Trace();
  readonly #heap = new EventHeap<Scheduled>();
  #nowMs = 0;
  #sequence = 0;
  /** How many events in a row have happened at one time. */
  #standing = 0;
  #turn: (() => void)[] = [];
  #current: EventOwner | undefined;
  #last: EventOwner | undefined;

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Whose event is being handled; `undefined` between events. */
  get current(): EventOwner | undefined {
    return this.#current;
  }

  /** Whose event was the last one. */
  get lastOwner(): string | undefined {
    return this.#last?.name;
  }

  /** Makes `callback` happen to `owner` in `delayMs`; what is due together happens in the order of these calls. */
  schedule(
    owner: EventOwner,
    delayMs: number,
    kind: string,
    callback: () => void,
    detail?: Uint8Array | string,
  ): Scheduled {
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    const event = { dueMs, sequence: this.#sequence++, owner, kind, detail, callback, isCancelled: false };
    this.#heap.push(event);
    return event;
  }

  cancel(event: Scheduled): void {
    this.#heap.cancel(event);
  }

  /** At the end of the current turn: after what is at hand, before the next event. */
  soon(callback: () => void): void {
    this.#turn.push(callback);
  }

  /** Writes down what is no event of its own: a fault, an operation. */
  note(process: string, kind: string, detail?: Uint8Array | string): void {
    this.trace.record({ timeMs: this.#nowMs, process, kind, detail });
  }

  /**
   * Lets events happen until `isDone`, which is asked after each. Rejects with what it throws, and when nothing is
   * left to happen.
   */
  run(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = (): void => {
        try {
          if (this.#turn.length > 0) {
            this.#runTurn();
          } else {
            this.#current = undefined;
            if (isDone()) return resolve();
            this.#happen();
          }
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        // Microtasks run before the next macrotask does: then all that was set off has run, or waits in the turn.
        realTurn(next);
      };
      realTurn(next);
    });
  }

  #happen(): void {
    const event = this.#next();
    if (!event) throw new Error('the simulated world came to rest: nothing is left to happen');
    this.#move(event.dueMs);
    const { detail, kind, owner } = event;
    if (owner.holds(event)) return;
    this.#current = owner;
    this.#last = owner;
    this.trace.record({ timeMs: this.#nowMs, process: owner.name, kind, detail });
    this.#call(owner, event.callback);
  }

  #move(dueMs: number): void {
    if (dueMs <= this.#nowMs) {
      this.#standing += 1;
      if (this.#standing < MOST_AT_ONCE) return;
      throw new Error(`time stands still: ${MOST_AT_ONCE} events at ${this.#nowMs} ms, and more to come`);
    }
    this.#nowMs = dueMs;
    this.#standing = 0;
  }

  #next(): Scheduled | undefined {
    for (let event = this.#heap.pop(); event; event = this.#heap.pop()) {
      if (event.owner.isAlive) return event;
    }
    return undefined;
  }

  #runTurn(): void {
    const turn = this.#turn;
    this.#turn = [];
    const owner = this.#current;
    for (const callback of turn) {
      if (owner) this.#call(owner, callback);
      else callback();
    }
  }

  #call(owner: EventOwner, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      owner.failed(error);
    }
  }
}
