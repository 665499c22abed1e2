import { type CodedError, createDeferred, type Deferred } from '@decoraft/base';
import { ClientRequest } from './client-request.js';

/** What a stream needs of the channel it belongs to. */
export interface StreamPort {
  /** Grants the server `bytes` more. */
  grant(bytes: number): void;
  /** The reader has left: the server should stop. */
  cancel(): void;
}

/** What an item costs beside its bytes, so that empty ones are not free. */
export const ITEM_OVERHEAD_BYTES = 16;

/**
 * A stream on its way: what has arrived and was not read yet, never more than the credit granted plus the one item
 * that exceeded it. Credit is granted anew when half of it has been read.
 */
export class ClientStream extends ClientRequest implements AsyncIterator<Uint8Array, undefined> {
  readonly #port: StreamPort;
  readonly #windowBytes: number;
  readonly #unread: Uint8Array[] = [];
  readonly #readers: Deferred<IteratorResult<Uint8Array, undefined>>[] = [];
  #creditBytes: number;
  #readBytes = 0;
  #isEnded = false;
  #error: CodedError | undefined;

  constructor(deadlineMs: number, windowBytes: number, port: StreamPort) {
    super(deadlineMs);
    this.#port = port;
    this.#windowBytes = windowBytes;
    this.#creditBytes = windowBytes;
  }

  reply(): boolean {
    return false;
  }

  item(payload: Uint8Array): boolean {
    if (this.#creditBytes <= 0) return false;
    this.#creditBytes -= payload.length + ITEM_OVERHEAD_BYTES;
    const reader = this.#readers.shift();
    if (reader) reader.resolve(this.#take(payload));
    else this.#unread.push(payload);
    return true;
  }

  end(): boolean {
    this.#isEnded = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
    return true;
  }

  /** Items that arrived before are still read first. */
  fail(error: CodedError): void {
    this.#isEnded = true;
    const [first, ...others] = this.#readers.splice(0);
    if (first) first.reject(error);
    else this.#error = error;
    for (const reader of others) reader.resolve({ done: true, value: undefined });
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
    if (!this.#isEnded) this.#port.cancel();
    this.#unread.length = 0;
    this.#error = undefined;
    this.end();
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
