/** How much may be under way at once. */
export interface InflightLimits {
  /** Batches, each of any number of entries. */
  readonly maxMessages: number;
  /** Bytes of entry data. The batch that reaches the limit is still let through. */
  readonly maxBytes: number;
}

/** Below this many freed places, moving the rest to the front costs more than it saves. */
const COMPACT_FROM = 64;

/**
 * Batches of entries that are under way, oldest first, each known by its last index: AppendRequests to a peer
 * that it has not acknowledged, proposals that are not committed, committed entries that are not applied.
 */
export class Inflights {
  readonly #limits: InflightLimits;
  /** Last index and bytes of each batch, alternating; those before `#head` are free. */
  readonly #batches: number[] = [];
  #head = 0;
  #bytes = 0;

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  /** Bytes of all that is under way. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return (this.#batches.length - this.#head) / 2;
  }

  get isFull(): boolean {
    return this.count >= this.#limits.maxMessages || this.#bytes >= this.#limits.maxBytes;
  }

  /** @param lastIndex Above that of the batch before. */
  add(lastIndex: number, bytes: number): void {
    this.#batches.push(lastIndex, bytes);
    this.#bytes += bytes;
  }

  /** Frees every batch that lies wholly at or below `index`. */
  freeUpTo(index: number): void {
    const batches = this.#batches;
    let head = this.#head;
    while (head < batches.length && (batches[head] ?? 0) <= index) {
      this.#bytes -= batches[head + 1] ?? 0;
      head += 2;
    }
    this.#head = head;
    if (head === batches.length) this.clear();
    else if (head >= COMPACT_FROM && head * 2 >= batches.length) {
      batches.splice(0, head);
      this.#head = 0;
    }
  }

  clear(): void {
    this.#batches.length = 0;
    this.#head = 0;
    this.#bytes = 0;
  }
}
