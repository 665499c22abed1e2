/** So many keys are moved at most when one comes or goes. */
const MOST_IN_BLOCK = 512;

/** In the order of their UTF-16 units, not in anybody's language. */
export function sortKeys(keys: Iterable<string>): string[] {
  return Array.from(keys).toSorted((left, right) => (left < right ? -1 : 1));
}

/**
 * Strings in the order of their UTF-16 units, which is the same on every build and platform. Made from the state it
 * belongs to, so it is `@derived` where it is a field. Adding and removing costs a search and half a block.
 */
export class SortedKeys {
  /** Sorted, none empty, every key of one before those of the next. */
  #blocks: string[][] = [];

  /** Takes the place of all that is here. @param keys Each once, in any order. */
  reset(keys: Iterable<string>): void {
    const sorted = sortKeys(keys);
    this.#blocks = [];
    const half = MOST_IN_BLOCK / 2;
    for (let at = 0; at < sorted.length; at += half) this.#blocks.push(sorted.slice(at, at + half));
  }

  /** @param key Is not here yet. */
  add(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (!block) return void this.#blocks.push([key]);
    block.splice(placeIn(block, key), 0, key);
    if (block.length > MOST_IN_BLOCK) this.#blocks.splice(at + 1, 0, block.splice(MOST_IN_BLOCK / 2));
  }

  /** @param key Is here. */
  delete(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (!block) return;
    const place = placeIn(block, key);
    if (block[place] !== key) return;
    block.splice(place, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** Those that are not before `key`, in their order. What is added or removed meanwhile is not looked for. */
  *from(key: string): Iterable<string> {
    const first = this.#blockOf(key);
    for (let at = first; at < this.#blocks.length; at++) {
      const block = this.#blocks[at] ?? [];
      const begin = at === first ? placeIn(block, key) : 0;
      for (let place = begin; place < block.length; place++) yield block[place] ?? '';
    }
  }

  /** The last block that begins at or before `key`; the first one where none does. */
  #blockOf(key: string): number {
    let [low, high] = [0, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.[0] ?? '') <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Where `key` is, or would be. */
function placeIn(block: readonly string[], key: string): number {
  let [low, high] = [0, block.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((block[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
