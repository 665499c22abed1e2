/** What becomes of the bytes that go from one party to another, on every connection between the two. */
export type WireMode =
  | { readonly kind: 'pass' }
  /** Later, each chunk by a time of its own; the order is kept. */
  | { readonly kind: 'delay'; readonly mostMs: number }
  /** Nothing comes through, not even that a connection is over; nothing is lost either. */
  | { readonly kind: 'stall' }
  /** Every connection breaks behind so many bytes, in the middle of a frame or not. */
  | { readonly kind: 'drop'; readonly afterBytes: number };

/** One direction between two parties: all that is sent that way goes by here. */
export class Wire {
  readonly #onChange = new Set<() => void>();
  #mode: WireMode = { kind: 'pass' };

  get mode(): WireMode {
    return this.#mode;
  }

  set(mode: WireMode): void {
    this.#mode = mode;
    for (const changed of this.#onChange) changed();
  }

  /** Calls `changed` after every change, until what this returns is called. */
  watch(changed: () => void): () => void {
    this.#onChange.add(changed);
    return () => void this.#onChange.delete(changed);
  }
}
