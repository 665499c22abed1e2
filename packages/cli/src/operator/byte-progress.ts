import { type Clock, systemClock } from '@decoraft/base';
import { progressBar } from '../progress-bar.js';
import type { Terminal } from '../terminal.js';
import { bytes } from './words.js';

/** Between two lines where they do not replace each other, in real milliseconds. */
const LINE_EVERY_MS = 2_000;
const SHOW_EVERY_MS = 50;
const SECOND_MS = 1_000;

/** How far something is that goes through bytes: a bar where a person looks, now and then a line elsewhere. */
export class ByteProgress {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #shownMs: number;

  /** @param what Stands before the numbers, like `verifying`. */
  constructor(terminal: Terminal, what: string, clock: Clock = systemClock) {
    this.#terminal = terminal;
    this.#what = what;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#shownMs = this.#startedMs;
  }

  show(doneBytes: number, totalBytes: number): void {
    const { print, printOver } = this.#terminal;
    const nowMs = this.#clock.monotonicMs();
    const isLast = doneBytes >= totalBytes;
    if (nowMs - this.#shownMs < (printOver ? SHOW_EVERY_MS : LINE_EVERY_MS) && !(printOver && isLast)) return;
    this.#shownMs = nowMs;
    const words = `${this.#what} ${this.#words(doneBytes, totalBytes)}`;
    if (printOver) printOver(`${progressBar(doneBytes, totalBytes)} ${words}`);
    else print(words);
  }

  /** Room for other lines. */
  clear(): void {
    this.#terminal.printOver?.('');
  }

  #words(doneBytes: number, totalBytes: number): string {
    const elapsedMs = Math.max(1, this.#clock.monotonicMs() - this.#startedMs);
    const speed = bytes(Math.round((doneBytes * SECOND_MS) / elapsedMs));
    return `${bytes(doneBytes)} of ${bytes(totalBytes)}, ${percent(doneBytes, totalBytes)} %, ${speed}/s`;
  }
}

function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}
