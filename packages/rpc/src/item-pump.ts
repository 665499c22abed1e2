import { bindingsHere } from '@decoraft/base';
import { ITEM_OVERHEAD_BYTES } from './item-inbox.js';

/** What a pump needs of the connection it belongs to. */
export interface ItemPumpPort {
  /** Sends an item; throws when it is none that can be sent. */
  item(payload: Uint8Array): void;
  /** Undefined while the connection takes more; otherwise resolves when it does again, or has ended. */
  whenWritable(): Promise<void> | undefined;
}

/**
 * The sending end of a stream of items, of either direction: asks for the next one when the reader has granted credit
 * for it and the connection takes it, one at a time.
 */
export class ItemPump {
  readonly #port: ItemPumpPort;
  #creditBytes: number;
  #onCredit: (() => void) | undefined;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #hasStopped = false;
  /** What was bound when it was run: the end of the items is their own as well. */
  #here: ReturnType<typeof bindingsHere> | undefined;

  /** @param creditBytes What the reader has granted to begin with. */
  constructor(creditBytes: number, port: ItemPumpPort) {
    this.#creditBytes = creditBytes;
    this.#port = port;
  }

  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** Resolves when there is nothing left to send, or it was stopped; rejects with what the items or the port threw. */
  async run(open: () => AsyncIterable<Uint8Array>): Promise<void> {
    this.#here = bindingsHere();
    try {
      this.#iterator = open()[Symbol.asyncIterator]();
      await this.#pump(this.#iterator);
    } catch (thrown) {
      this.#leave();
      throw thrown;
    }
  }

  /** The reader has room for `bytes` more. */
  grant(bytes: number): void {
    this.#creditBytes += bytes;
    this.#wake();
  }

  /** Nothing is sent any more: lets the iterator clean up. */
  stop(): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    this.#wake();
    this.#leave();
  }

  /** A generator that waits inside is told when it comes back; what it throws then concerns nobody. */
  #leave(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    this.#here?.(() => void leave(iterator));
  }

  async #pump(iterator: AsyncIterator<Uint8Array>): Promise<void> {
    for (;;) {
      await this.#whenReady();
      if (this.#hasStopped) return;
      const result = await iterator.next();
      if (result.done || this.#hasStopped) return;
      this.#port.item(result.value);
      this.#creditBytes -= result.value.length + ITEM_OVERHEAD_BYTES;
    }
  }

  async #whenReady(): Promise<void> {
    while (!this.#hasStopped) {
      const writable = this.#port.whenWritable();
      if (writable) await writable;
      else if (this.#creditBytes > 0) return;
      else await new Promise<void>((resolve) => void (this.#onCredit = resolve));
    }
  }

  #wake(): void {
    this.#onCredit?.();
    this.#onCredit = undefined;
  }
}

async function leave(iterator: AsyncIterator<Uint8Array> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {
    // Nobody waits for it any more.
  }
}
