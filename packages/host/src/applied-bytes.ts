interface Mark {
  readonly index: number;
  /** Of all entries that were applied up to there. */
  readonly bytes: number;
}

/** How many bytes of entries were applied since some entry, to a granularity. */
export class AppliedBytes {
  readonly #granularity: number;
  /** In the order of their indexes. */
  #marks: Mark[] = [];
  #bytes = 0;

  /** @param granularity Bytes between two places that are remembered. */
  constructor(granularity: number) {
    this.#granularity = granularity;
  }

  /** Entries up to `index` were applied, of so many bytes. */
  applied(index: number, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes - (this.#marks.at(-1)?.bytes ?? 0) < this.#granularity) return;
    this.#marks.push({ index, bytes: this.#bytes });
  }

  /** About how many bytes were applied behind `index`; never more than there were since this began. */
  since(index: number): number {
    return this.#bytes - (this.#marks.findLast((mark) => mark.index <= index)?.bytes ?? 0);
  }

  /** The lowest index, of those that are remembered, behind which there are at most `bytes` up to `index`. */
  reachingBack(index: number, bytes: number): number {
    const end = this.#marks.findLast((mark) => mark.index <= index)?.bytes ?? 0;
    const first = this.#marks.find((mark) => end - mark.bytes <= bytes);
    return end <= bytes || !first ? 0 : first.index;
  }

  /** What was applied up to `index` is asked for no more. */
  forget(index: number): void {
    const last = this.#marks.findLast((mark) => mark.index <= index);
    this.#marks = this.#marks.filter((mark) => mark === last || mark.index > index);
  }
}
