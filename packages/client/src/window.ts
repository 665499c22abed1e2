/**
 * How many questions of a client may be under way at once. Where the group has no room for so many, it becomes half as
 * wide each time, and one wider with each answer: what would be refused waits here, where waiting costs nobody anything.
 */
export class Window {
  readonly #limit: number;
  #width: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#width = limit;
  }

  get width(): number {
    return this.#width;
  }

  /** The group had no room for all of `underWay`. */
  shrink(underWay: number): void {
    this.#width = Math.max(1, Math.min(this.#width, underWay) >> 1);
  }

  /** The group has answered. */
  grow(): void {
    if (this.#width < this.#limit) this.#width++;
  }
}
