import type { TimerId } from '@decoraft/protocol';
import type { ValueCodec } from './codec.js';
import type { TimersOfMachine } from './machine.js';
import { settle } from './settled.js';

/** What a command asks of its timers, as data. */
type Wish =
  | { readonly schedule: string; readonly delayMs: number; readonly args: unknown }
  | { readonly cancel: TimerId };

/** A wish and what came of it. */
interface Asked {
  readonly wish: Wish;
  readonly answer: () => TimerId | boolean;
}

/** Timers that remember what a command asks of them, so that the command can run again without asking for it twice. */
export class AskedTimers implements TimersOfMachine {
  readonly #timers: TimersOfMachine;
  readonly #codec: ValueCodec;
  readonly #asked: Asked[] = [];

  constructor(timers: TimersOfMachine, codec: ValueCodec) {
    this.#timers = timers;
    this.#codec = codec;
  }

  schedule(nowMs: number, delayMs: number, method: string, args: readonly unknown[]): TimerId {
    const wish = { schedule: method, delayMs, args: copyOf(this.#codec, args) };
    return this.#ask(wish, () => this.#timers.schedule(nowMs, delayMs, method, args)) as TimerId;
  }

  cancel(id: TimerId): boolean {
    return this.#ask({ cancel: id }, () => this.#timers.cancel(id)) as boolean;
  }

  #ask(wish: Wish, ask: () => TimerId | boolean): TimerId | boolean {
    const answer = settle(ask);
    this.#asked.push({ wish, answer });
    return answer();
  }

  get wishes(): readonly Wish[] {
    return this.#asked.map(({ wish }) => wish);
  }

  /** Timers that answer the same wishes as they were answered, in the same order, and do nothing. */
  again(): RepeatedTimers {
    return new RepeatedTimers(this.#asked, this.#codec);
  }
}

class RepeatedTimers implements TimersOfMachine {
  readonly wishes: Wish[] = [];
  readonly #asked: readonly Asked[];
  readonly #codec: ValueCodec;

  constructor(asked: readonly Asked[], codec: ValueCodec) {
    this.#asked = asked;
    this.#codec = codec;
  }

  schedule(_nowMs: number, delayMs: number, method: string, args: readonly unknown[]): TimerId {
    return this.#answer({ schedule: method, delayMs, args: copyOf(this.#codec, args) }, 0 as TimerId);
  }

  cancel(id: TimerId): boolean {
    return this.#answer({ cancel: id }, false);
  }

  /** One that wishes something else of the same kind is answered alike, so that it is told of this, and of no sequel. */
  #answer<Answer extends TimerId | boolean>(wish: Wish, otherwise: Answer): Answer {
    const asked = this.#asked[this.wishes.length];
    this.wishes.push(wish);
    if (!asked || 'cancel' in asked.wish !== 'cancel' in wish) return otherwise;
    return asked.answer() as Answer;
  }
}

/** As it is now: whoever gave it may change it. What is no data is refused by whoever else is given it. */
export function copyOf(codec: ValueCodec, value: unknown): unknown {
  try {
    return codec.decode(codec.encode(value));
  } catch {
    return 'what is no data';
  }
}
