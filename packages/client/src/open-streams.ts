/** The streams of a connection that have not ended: what they are told when it is closed. */
export class OpenStreams {
  readonly #ends = new Set<() => void>();
  #isClosed = false;

  /** @param closed Aborted when the connection is closed. One listener for all streams, however many there are. */
  constructor(closed: AbortSignal) {
    closed.addEventListener('abort', () => {
      this.#isClosed = true;
      for (const end of this.#ends) end();
      this.#ends.clear();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @returns Has `end` called no more. */
  enter(end: () => void): () => void {
    this.#ends.add(end);
    return () => void this.#ends.delete(end);
  }
}
