import type { Logger } from '@decoraft/base';
import { encodeError } from '../error-codec.js';
import { RpcError } from '../errors.js';
import { FRAME_OVERHEAD_BYTES, type FrameSink, writeBare, writeCredit, writePayload } from '../frames.js';
import { failureOf } from './failure.js';

/** Answers on one connection, none larger than its client takes. */
export class Responder {
  readonly #sink: FrameSink;
  readonly #maxPayloadBytes: number;
  readonly #logger: Logger;

  /** @param maxMessageBytes What the client said it takes. */
  constructor(sink: FrameSink, maxMessageBytes: number, logger: Logger) {
    this.#sink = sink;
    this.#maxPayloadBytes = maxMessageBytes - FRAME_OVERHEAD_BYTES;
    this.#logger = logger;
  }

  /** Throws what {@link fail} should be told when the payload is none that can be sent. */
  send(kind: 'reply' | 'item', requestId: number, payload: unknown): void {
    if (!(payload instanceof Uint8Array)) throw new TypeError('a handler gave something else than bytes');
    if (payload.length > this.#maxPayloadBytes) {
      const words = `${payload.length} bytes are more than the caller takes, which is ${this.#maxPayloadBytes}`;
      throw new RpcError('Internal', words);
    }
    writePayload(this.#sink, kind, requestId, payload);
  }

  /** What the handler gave, or that it cannot be sent. */
  reply(requestId: number, payload: unknown, fullName: string): void {
    try {
      this.send('reply', requestId, payload);
    } catch (thrown) {
      this.fail(requestId, thrown, fullName);
    }
  }

  /** There is room for so many bytes of the caller's items. */
  grant(requestId: number, bytes: number): void {
    writeCredit(this.#sink, requestId, bytes);
  }

  end(requestId: number): void {
    writeBare(this.#sink, 'end', requestId);
  }

  /** What the handler threw. */
  fail(requestId: number, thrown: unknown, fullName: string): void {
    const failure = failureOf(thrown, fullName, this.#logger);
    writePayload(this.#sink, 'fail', requestId, encodeError(failure, this.#maxPayloadBytes));
  }

  /** What is said before any handler sees the request. */
  refuse(requestId: number, error: RpcError): void {
    writePayload(this.#sink, 'refuse', requestId, encodeError(error, this.#maxPayloadBytes));
  }
}
