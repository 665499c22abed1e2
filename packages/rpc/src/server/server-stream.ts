import { bindingsHere } from '@decoraft/base';
import { ITEM_OVERHEAD_BYTES } from '../client-stream.js';
import type { RpcError } from '../errors.js';
import type { StreamMethod } from '../service.js';
import type { ServerCall } from './server-call.js';

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

/** Pulls a handler's items as the caller grants credit for them, one at a time. */
export class ServerStream {
  readonly call: ServerCall;
  readonly serviceId: number;
  readonly #port: ServerStreamPort;
  #creditBytes: number;
  #onCredit: (() => void) | undefined;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #hasStopped = false;
  /** What was bound when the handler was called: its end is its own as well. */
  #here: ReturnType<typeof bindingsHere> | undefined;

  constructor(call: ServerCall, serviceId: number, creditBytes: number, port: ServerStreamPort) {
    this.call = call;
    this.serviceId = serviceId;
    this.#creditBytes = creditBytes;
    this.#port = port;
  }

  /** Runs the handler to its end; resolves when it needs no more of this process, and never rejects. */
  async run(method: StreamMethod, payload: Uint8Array): Promise<void> {
    this.#here = bindingsHere();
    try {
      this.#iterator = method.handle(payload, this.call)[Symbol.asyncIterator]();
      await this.#pump(this.#iterator);
      if (!this.#hasStopped) this.#port.end();
    } catch (thrown) {
      if (!this.#hasStopped) this.#port.fail(thrown);
      this.#leave();
    }
  }

  /** The caller has room for `bytes` more. */
  grant(bytes: number): void {
    this.#creditBytes += bytes;
    this.#wake();
  }

  /** Nothing is sent any more: tells the handler, and lets it clean up. */
  stop(reason: RpcError): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    this.call.abort(reason);
    this.#wake();
    this.#leave();
  }

  /** A generator that waits inside is told when it comes back; what it throws then concerns nobody. */
  #leave(): void {
    this.#here?.(() => this.#iterator?.return?.().catch(() => undefined));
  }

  async #pump(iterator: AsyncIterator<Uint8Array>): Promise<void> {
    for (;;) {
      await this.#whenReady();
      if (this.#hasStopped) return;
      const result = await iterator.next();
      if (result.done || this.#hasStopped) return;
      this.#creditBytes -= result.value.length + ITEM_OVERHEAD_BYTES;
      this.#port.item(result.value);
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
