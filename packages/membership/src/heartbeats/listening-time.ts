/**
 * Time in which somebody listened. A process that stood still has heard nobody, and must not conclude that all were
 * silent: of a gap between two looks at the clock, no more than `mostMs` counts.
 */
export class ListeningTime {
  readonly #mostMs: number;
  #lookedMs: number | undefined;
  #listenedMs = 0;

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** To be called again and again, oftener than every `mostMs`. @returns How long was listened in all. */
  look(monotonicMs: number): number {
    const gapMs = monotonicMs - (this.#lookedMs ?? monotonicMs);
    this.#lookedMs = monotonicMs;
    this.#listenedMs += Math.min(gapMs, this.#mostMs);
    return this.#listenedMs;
  }
}
