import type { SimulationOptions } from './options.js';
import { simulate } from './simulate.js';
import { SimulationFailed } from './simulation-failed.js';

export interface ShrinkOptions {
  /** Runs at most; 100 by default. */
  readonly maxRuns?: number;
  /** Real milliseconds, after which no further run begins; 60,000 by default. */
  readonly limitMs?: number;
}

const DEFAULT_MAX_RUNS = 100;
const DEFAULT_LIMIT_MS = 60_000;
/** Durations are not cut finer than this, in virtual milliseconds. */
const LEAST_CUT_MS = 50;

/**
 * Looks for a shorter run in which the same is broken: with less time, fewer faults, fewer clients. What it finds is
 * the shortest that it saw, not the shortest there is.
 *
 * @param options Of the run that failed.
 * @param failure How it failed.
 * @returns The failure of the shorter run, with its own command; the given one when there is none.
 */
export async function shrink(
  options: SimulationOptions,
  failure: SimulationFailed,
  { limitMs = DEFAULT_LIMIT_MS, maxRuns = DEFAULT_MAX_RUNS }: ShrinkOptions = {},
): Promise<SimulationFailed> {
  const search = new Search(options, failure, { maxRuns, untilMs: performance.now() + limitMs });
  await search.run();
  return search.failure;
}

/** The best candidate so far; each attempt that fails in the same way becomes the next one. */
class Search {
  #options: SimulationOptions;
  #failure: SimulationFailed;
  #runsLeft: number;
  readonly #untilMs: number;

  constructor(
    options: SimulationOptions,
    failure: SimulationFailed,
    bounds: { readonly maxRuns: number; readonly untilMs: number },
  ) {
    this.#options = options;
    this.#failure = failure;
    this.#runsLeft = bounds.maxRuns;
    this.#untilMs = bounds.untilMs;
  }

  get failure(): SimulationFailed {
    return this.#failure;
  }

  async run(): Promise<void> {
    await this.#tryWith({ clients: 1 });
    await this.#shortenTime();
    await this.#removeFaults();
    await this.#shortenTime();
  }

  /** Half of what is left to cut each time, as long as the failure stays. */
  async #shortenTime(): Promise<void> {
    const { simulatedMs } = this.#failure.report;
    let failsAtMs = Math.min(this.#options.durationMs ?? simulatedMs, simulatedMs);
    let passesAtMs = 0;
    while (failsAtMs - passesAtMs > LEAST_CUT_MS && this.#mayGoOn) {
      const durationMs = Math.round((failsAtMs + passesAtMs) / 2);
      if (await this.#tryWith({ durationMs })) failsAtMs = durationMs;
      else passesAtMs = durationMs;
    }
  }

  /** Halves first, then ever smaller parts (delta debugging). */
  async #removeFaults(): Promise<void> {
    let parts = 2;
    while (this.#mayGoOn) {
      const kept = this.#keptFaults();
      if (kept.length === 0) return;
      const size = Math.ceil(kept.length / parts);
      let hasRemoved = false;
      for (let at = 0; at < kept.length && this.#mayGoOn; at += size) {
        const removed = kept.slice(at, at + size);
        const withoutFaults = [...(this.#options.withoutFaults ?? []), ...removed];
        if (await this.#tryWith({ withoutFaults })) hasRemoved = true;
      }
      if (size === 1 && !hasRemoved) return;
      if (!hasRemoved || size > 1) parts = Math.min(parts * 2, kept.length);
    }
  }

  #keptFaults(): readonly number[] {
    const without = new Set(this.#options.withoutFaults);
    const all = Array.from({ length: this.#failure.report.plannedFaults }, (_, id) => id);
    return all.filter((id) => !without.has(id));
  }

  get #mayGoOn(): boolean {
    return this.#runsLeft > 0 && performance.now() < this.#untilMs;
  }

  /** Whether the same is broken with these changes; then they stay. */
  async #tryWith(changes: Partial<SimulationOptions>): Promise<boolean> {
    if (!this.#mayGoOn) return false;
    this.#runsLeft -= 1;
    const options = { ...this.#options, ...changes };
    try {
      await simulate(options);
      return false;
    } catch (error) {
      if (!(error instanceof SimulationFailed) || error.broken !== this.#failure.broken) return false;
      this.#options = options;
      this.#failure = error;
      return true;
    }
  }
}
