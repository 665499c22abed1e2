/**
 * An iterator that is opened when its first item is asked for, and costs nothing afterwards: an asynchronous generator
 * that passes on what another one gives costs some turns of the microtask queue for each item.
 */
export class LateIterator<Item> implements AsyncIterable<Item>, AsyncIterator<Item, undefined> {
  readonly #open: () => Promise<AsyncIterator<Item, undefined>>;
  #opened: AsyncIterator<Item, undefined> | undefined;
  #hasReturned = false;

  constructor(open: () => Promise<AsyncIterator<Item, undefined>>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    return this.#opened ? this.#opened.next() : this.#openNow();
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#hasReturned = true;
    await this.#opened?.return?.();
    return { done: true, value: undefined };
  }

  async #openNow(): Promise<IteratorResult<Item, undefined>> {
    const opened = await this.#open();
    this.#opened = opened;
    if (!this.#hasReturned) return opened.next();
    await opened.return?.();
    return { done: true, value: undefined };
  }
}
