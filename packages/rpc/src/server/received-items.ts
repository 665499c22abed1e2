import type { RpcError } from '../errors.js';
import { ITEM_OVERHEAD_BYTES, ItemInbox } from '../item-inbox.js';

/** What the items of a caller need of the connection they come over. */
export interface ReceivedItemsPort {
  /** Grants the caller `bytes` more. */
  grant(bytes: number): void;
  /** Takes room for so many bytes beyond the window; false when there is none. */
  tryEnter(bytes: number): boolean;
  /** Gives it back. */
  leave(bytes: number): void;
}

/**
 * What a caller sends into its request, for the handler to loop over. For as much as the window holds, the dispatcher has
 * taken room; the one item that may exceed it takes room for itself.
 */
export class ReceivedItems {
  readonly #port: ReceivedItemsPort;
  readonly #inbox: ItemInbox;
  /** Room beyond the window. */
  #excessBytes = 0;
  #isWanted = true;

  constructor(windowBytes: number, port: ReceivedItemsPort) {
    this.#port = port;
    this.#inbox = new ItemInbox(windowBytes, {
      grant: (bytes) => {
        if (this.#inbox.creditBytes > 0) this.#leaveExcess();
        port.grant(bytes);
      },
      leave: () => this.close(),
    });
  }

  get payloads(): AsyncIterable<Uint8Array> {
    return this.#inbox;
  }

  item(payload: Uint8Array): 'taken' | 'no credit' | 'no room' {
    const { creditBytes } = this.#inbox;
    if (creditBytes <= 0) return 'no credit';
    const excessBytes = payload.length + ITEM_OVERHEAD_BYTES - creditBytes;
    if (this.#isWanted && excessBytes > 0) {
      if (!this.#port.tryEnter(excessBytes)) return 'no room';
      this.#excessBytes = excessBytes;
    }
    this.#inbox.item(owned(payload));
    return 'taken';
  }

  /** No more come. */
  end(): void {
    this.#inbox.end();
  }

  /** Nobody waits for the answer any more: the handler's next look at them throws. */
  abort(reason: RpcError): void {
    this.#isWanted = false;
    this.#inbox.abort(reason);
    this.#leaveExcess();
  }

  /** The handler wants no more of them: what still comes is dropped. */
  close(): void {
    this.#isWanted = false;
    this.#inbox.close();
    this.#leaveExcess();
  }

  #leaveExcess(): void {
    if (this.#excessBytes > 0) this.#port.leave(this.#excessBytes);
    this.#excessBytes = 0;
  }
}

/** An item that waits must not hold the whole message that it came in, of which it may be a small part. */
function owned(payload: Uint8Array): Uint8Array {
  return payload.length * 2 < payload.buffer.byteLength ? payload.slice() : payload;
}
