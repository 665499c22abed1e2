import { type CodedError, createDeferred, type Deferred } from '@decoraft/base';

/** What an inbox needs of the side that it belongs to. */
export interface ItemInboxPort {
  /** Grants the sender `bytes` more. */
  grant(bytes: number): void;
  /** The reader has left before the end. */
  leave(): void;
}

/** What an item costs beside its bytes, so that empty ones are not free. */
export const ITEM_OVERHEAD_BYTES = 16;

/**
 * The receiving end of a stream of items, of either direction: what has arrived and was not read yet, never more than
 * the credit granted plus the one item that exceeded it. Credit is granted anew when half of it has been read.
 */
export class ItemInbox implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #port: ItemInboxPort;
  readonly #windowBytes: number;
  readonly #unread: Uint8Array[] = [];
  readonly #readers: Deferred<IteratorResult<Uint8Array, undefined>>[] = [];
  #creditBytes: number;
  #readBytes = 0;
  #isEnded = false;
  #error: CodedError | undefined;

  /** @param windowBytes What the sender has been granted to begin with. */
  constructor(windowBytes: number, port: ItemInboxPort) {
    this.#port = port;
    this.#windowBytes = windowBytes;
    this.#creditBytes = windowBytes;
  }

  /** What the sender may still send; below 0 when its last item was larger than that. */
  get creditBytes(): number {
    return this.#creditBytes;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** An item has come; false when there was no credit for it. One that nobody will read is dropped. */
  item(payload: Uint8Array): boolean {
    if (this.#creditBytes <= 0) return false;
    this.#creditBytes -= payload.length + ITEM_OVERHEAD_BYTES;
    if (this.#isEnded) return true;
    const reader = this.#readers.shift();
    if (reader) reader.resolve(this.#take(payload));
    else this.#unread.push(payload);
    return true;
  }

  end(): void {
    this.#isEnded = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  /** Items that arrived before are still read first. */
  fail(error: CodedError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const [first, ...others] = this.#readers.splice(0);
    if (first) first.reject(error);
    else this.#error = error;
    for (const reader of others) reader.resolve({ done: true, value: undefined });
  }

  /** What was not read is dropped, and whoever reads on learns why, also when the end had come already. */
  abort(error: CodedError): void {
    this.#unread.length = 0;
    this.#isEnded = false;
    this.fail(error);
  }

  /** Drops what was not read: nobody will. */
  close(): void {
    this.#unread.length = 0;
    this.#error = undefined;
    this.end();
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const payload = this.#unread.shift();
    if (payload) return Promise.resolve(this.#take(payload));
    const error = this.#error;
    this.#error = undefined;
    if (error) return Promise.reject(error);
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    const reader = createDeferred<IteratorResult<Uint8Array, undefined>>();
    this.#readers.push(reader);
    return reader.promise;
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isEnded) this.#port.leave();
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(payload: Uint8Array): IteratorResult<Uint8Array, undefined> {
    this.#readBytes += payload.length + ITEM_OVERHEAD_BYTES;
    if (!this.#isEnded && this.#readBytes * 2 >= this.#windowBytes) {
      this.#creditBytes += this.#readBytes;
      this.#port.grant(this.#readBytes);
      this.#readBytes = 0;
    }
    return { done: false, value: payload };
  }
}
