import { ItemPump } from '../item-pump.js';

/** What a stream needs of the connection it belongs to. */
export interface ServerStreamPort {
  /** Sends an item. */
  item(payload: Uint8Array): void;
  /** Sends the end. */
  end(): void;
  /** Sends what was thrown. */
  fail(thrown: unknown): void;
  /** Undefined while the connection takes more; otherwise resolves when it does again, or has ended. */
  whenWritable(): Promise<void> | undefined;
}

/** A request whose handler gives a stream of items, as the caller grants credit for them. */
export class ServerStream {
  readonly #port: ServerStreamPort;
  readonly #pump: ItemPump;

  constructor(creditBytes: number, port: ServerStreamPort) {
    this.#port = port;
    this.#pump = new ItemPump(creditBytes, port);
  }

  /** Runs the handler to its end; resolves when it needs no more of this process, and never rejects. */
  async run(handle: () => AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await this.#pump.run(handle);
      if (!this.#pump.hasStopped) this.#port.end();
    } catch (thrown) {
      if (!this.#pump.hasStopped) this.#port.fail(thrown);
    }
  }

  /** The caller has room for `bytes` more. */
  grant(bytes: number): void {
    this.#pump.grant(bytes);
  }

  /** Nothing is sent any more: lets the handler clean up. */
  stop(): void {
    this.#pump.stop();
  }
}
