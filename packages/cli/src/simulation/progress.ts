import { type Clock, systemClock } from '@decoraft/base';
import { progressBar } from '../progress-bar.js';
import type { Terminal } from '../terminal.js';
import { hours, rate } from './summary.js';
import type { Totals } from './totals.js';

/** Between two lines where they do not replace each other, in real milliseconds. */
const LINE_EVERY_MS = 5_000;

/** How far the seeds are: a bar where a person looks, now and then a line elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #seeds: number;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #printedMs: number;

  constructor(terminal: Terminal, seeds: number, clock: Clock = systemClock) {
    this.#terminal = terminal;
    this.#seeds = seeds;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#printedMs = this.#startedMs;
  }

  /** Real milliseconds since the begin. */
  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  /** To be called between runs: within one, the time is the world's. */
  show(totals: Totals): void {
    const { printOver } = this.#terminal;
    if (printOver) return printOver(`${progressBar(totals.runs, this.#seeds)} ${this.#words(totals)}`);
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#printedMs < LINE_EVERY_MS || totals.runs === this.#seeds) return;
    this.#printedMs = nowMs;
    this.#terminal.print(this.#words(totals));
  }

  /** Room for other lines. */
  clear(): void {
    this.#terminal.printOver?.('');
  }

  #words({ runs, simulatedMs }: Totals): string {
    const speed = rate(simulatedMs, this.elapsedMs);
    return `${runs}/${this.#seeds} seeds, ${hours(simulatedMs)} hours simulated, ${speed} cluster-seconds per second`;
  }
}
