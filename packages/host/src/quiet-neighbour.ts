import type { QuietBeat, QuietEntry } from './quiet-wire.js';

/** What was heard from another server of its groups that rest: the recipient's half of a `QuietList`. */
export class QuietNeighbour {
  readonly reachedAt: string;
  /** The tick of the latest beat. */
  heardAt: number;
  #version = 0;
  /** Of the list: the services of groups that rest here as well. */
  readonly #resting = new Set<number>();
  /** Of the list: all others. */
  readonly #refused = new Set<number>();

  constructor({ reachedAt }: QuietBeat, heardAt: number) {
    this.reachedAt = reachedAt;
    this.heardAt = heardAt;
  }

  /** Of the list that was taken in last; 0 for none. */
  get version(): number {
    return this.#version;
  }

  get resting(): readonly number[] {
    return [...this.#resting];
  }

  get refused(): readonly number[] {
    return [...this.#refused];
  }

  isResting(service: number): boolean {
    return this.#resting.has(service);
  }

  /**
   * Takes a newer list in.
   *
   * @param agree Whether the entry's group rests here from now on.
   * @returns The services of groups that rested, and are not on the list any more.
   */
  take(
    version: number,
    entries: readonly QuietEntry[],
    agree: (entry: QuietEntry) => boolean,
  ): readonly number[] {
    if (version <= this.#version) return [];
    const rested = [...this.#resting];
    this.#version = version;
    this.#resting.clear();
    this.#refused.clear();
    for (const entry of entries) (agree(entry) ? this.#resting : this.#refused).add(entry.service);
    return rested.filter((service) => !this.#resting.has(service));
  }

  /** The group has woken here: the other server is told with the next answer. */
  woke(service: number): void {
    if (this.#resting.delete(service)) this.#refused.add(service);
  }
}
