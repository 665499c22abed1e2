/** A binary heap: gives its items in the order of `isBefore`, which is total, whatever the order they came in. */
export class Heap<Item> {
  readonly #isBefore: (left: Item, right: Item) => boolean;
  #items: Item[] = [];

  constructor(isBefore: (left: Item, right: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The item before all others, left where it is; `undefined` when there is none. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  /** Takes the item before all others; `undefined` when there is none. */
  take(): Item | undefined {
    const [first] = this.#items;
    const last = this.#items.pop();
    if (this.#items.length > 0) {
      this.#items[0] = last as Item;
      this.#sink(0);
    }
    return first;
  }

  /** Drops the items for which `stays` is false: in one go, and so cheaper than each by itself when they are many. */
  keep(stays: (item: Item) => boolean): void {
    this.#items = this.#items.filter(stays);
    for (let at = (this.#items.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #rise(from: number): void {
    const items = this.#items;
    const item = items[from] as Item;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as Item;
      if (!this.#isBefore(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  #sink(from: number): void {
    const items = this.#items;
    const item = items[from] as Item;
    let at = from;
    for (let child = 2 * at + 1; child < items.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < items.length && this.#isBefore(items[right] as Item, items[child] as Item)) child = right;
      const below = items[child] as Item;
      if (!this.#isBefore(below, item)) break;
      items[at] = below;
      at = child;
    }
    items[at] = item;
  }
}
