import { messageOf, plainMessage } from '@decoraft/base';
import { RpcError } from './errors.js';
import { type FrameSink, FRAME_OVERHEAD_BYTES, writeBare, writePayload } from './frames.js';
import { ItemPump } from './item-pump.js';

export interface CallerItemsOptions {
  readonly payloads: AsyncIterable<Uint8Array>;
  readonly requestId: number;
  readonly sink: FrameSink;
  /** What the server takes in one message. */
  readonly maxMessageBytes: number;
  /** See ItemPumpPort. */
  readonly whenWritable: () => Promise<void> | undefined;
  /** They cannot go on: what the call fails with. */
  readonly failed: (error: RpcError) => void;
}

/**
 * What a caller sends into a request of its own, as the server grants credit for it: none before the server has taken
 * the request.
 */
export class CallerItems {
  readonly #options: CallerItemsOptions;
  readonly #pump: ItemPump;
  #hasEnded = false;

  constructor(options: CallerItemsOptions) {
    this.#options = options;
    this.#pump = new ItemPump(0, { item: (item) => this.#send(item), whenWritable: options.whenWritable });
  }

  /** Whether the server still counts on more of them. */
  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** Sends them to their end. Never rejects. */
  async run(): Promise<void> {
    const { failed, payloads, requestId, sink } = this.#options;
    try {
      await this.#pump.run(() => payloads);
      if (this.#pump.hasStopped) return;
      this.#hasEnded = true;
      writeBare(sink, 'end', requestId);
    } catch (thrown) {
      if (!this.#pump.hasStopped) failed(errorOf(thrown));
    }
  }

  grant(bytes: number): void {
    this.#pump.grant(bytes);
  }

  /** The request has ended: the iterable of the caller is told by its `return`. */
  stop(): void {
    if (!this.#hasEnded) this.#pump.stop();
  }

  #send(item: unknown): void {
    const { maxMessageBytes, requestId, sink } = this.#options;
    if (!(item instanceof Uint8Array)) {
      throw new RpcError('InvalidArgument', 'an item of the caller is something else than bytes');
    }
    const messageBytes = item.length + FRAME_OVERHEAD_BYTES;
    if (messageBytes > maxMessageBytes) {
      const words = `an item of ${item.length} bytes makes a message of ${messageBytes}`;
      throw new RpcError('InvalidArgument', `${words}, which is above the limit of ${maxMessageBytes}`);
    }
    writePayload(sink, 'item', requestId, item);
  }
}

/** The handler may have seen the request and the items before. */
function errorOf(thrown: unknown): RpcError {
  if (thrown instanceof RpcError && thrown.code === 'InvalidArgument') {
    return new RpcError('InvalidArgument', plainMessage(thrown), { cause: thrown, sent: true });
  }
  return new RpcError('Cancelled', messageOf(thrown), { cause: thrown, sent: true });
}
