import { DecoraftError } from '@decoraft/protocol';
import { encodeValue } from '@decoraft/rpc';
import { failureOf, nameOf, type ServiceCall } from './service-call.js';

/** What a caller sends item by item, on its way to the channel: encoded, and remembering what it threw by itself. */
export class CallerSource {
  readonly payloads: AsyncIterable<Uint8Array>;
  readonly #call: ServiceCall;
  #thrown: { readonly reason: unknown } | undefined;

  /** @throws DecoraftError `InvalidArgument` for what cannot be looped over. */
  constructor(call: ServiceCall, source: unknown) {
    if (!isAsyncIterable(source)) {
      throw new DecoraftError(
        'InvalidArgument',
        `${nameOf(call)}.${call.name} takes a stream: give an AsyncIterable, such as what an \`async *\` function returns`,
      );
    }
    this.#call = call;
    this.payloads = this.#encoded(source);
  }

  /** Why the call failed: what the source threw is the caller's own, and comes back as it was. */
  reasonOf(thrown: unknown): unknown {
    return this.#thrown ? this.#thrown.reason : failureOf(thrown, this.#call);
  }

  async *#encoded(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void> {
    for await (const item of this.#watched(source)) yield encodeValue(item);
  }

  async *#watched(source: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
    try {
      yield* source;
    } catch (reason) {
      this.#thrown = { reason };
      throw reason;
    }
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
