/** One in a {@link Line}. */
export interface Place<Item> {
  readonly item: Item;
  /** Still in the line. */
  isIn: boolean;
  /** The neighbours, while it is in the line. */
  before: Place<Item> | undefined;
  after: Place<Item> | undefined;
}

/**
 * Those who wait, in the order in which they came. Who is first is known at once, whoever has left from wherever: a
 * `Set` looks for its first behind all that was deleted lately.
 */
export class Line<Item> {
  #first: Place<Item> | undefined;
  #last: Place<Item> | undefined;

  get first(): Item | undefined {
    return this.#first?.item;
  }

  join(item: Item): Place<Item> {
    const place: Place<Item> = { item, isIn: true, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    return place;
  }

  /** Again does nothing. */
  leave(place: Place<Item>): void {
    if (!place.isIn) return;
    place.isIn = false;
    const { after, before } = place;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
  }
}
