import type { Clock } from '@decoraft/base';
import { Ticker } from './ticker.js';

/** One of those whose time is counted together. */
export interface TickListener {
  /**
   * As `TickerOptions.tick`.
   *
   * @param at The number of the last of these ticks, the same for all who share the ticker; `undefined` for one who is
   *   alone, and had better count by itself.
   */
  readonly tick: (count: number, at: number | undefined) => void;
  /** As `TickerOptions.paused`. */
  readonly paused: (durationMs: number) => void;
}

export interface SharedTickerOptions {
  readonly clock: Clock;
  readonly tickMs: number;
  /** See `TickerOptions`. */
  readonly maxGapMs: number;
}

/**
 * One {@link Ticker} for all groups of a server: one timer, however many they are, and their heartbeats fall together. It
 * runs while somebody listens.
 */
export class SharedTicker {
  readonly #options: SharedTickerOptions;
  readonly #listeners = new Set<TickListener>();
  #ticker: Ticker | undefined;
  /** Ticks that were counted, over all. */
  #at = 0;

  constructor(options: SharedTickerOptions) {
    this.#options = options;
  }

  /** @returns Ends it. */
  join(listener: TickListener): () => void {
    // What has passed before is nothing to a newcomer.
    this.catchUp();
    this.#listeners.add(listener);
    this.#ticker ??= this.#start();
    return () => this.#leave(listener);
  }

  /** See `Ticker.catchUp`. */
  catchUp(): void {
    this.#ticker?.catchUp();
  }

  #leave(listener: TickListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#ticker?.stop();
    this.#ticker = undefined;
  }

  #start(): Ticker {
    const ticker = new Ticker({
      ...this.#options,
      tick: (count) => this.#tick(count),
      paused: (durationMs) => {
        for (const listener of this.#listeners) listener.paused(durationMs);
      },
    });
    ticker.start();
    return ticker;
  }

  #tick(count: number): void {
    this.#at += count;
    const at = this.#listeners.size > 1 ? this.#at : undefined;
    for (const listener of this.#listeners) listener.tick(count, at);
  }
}
