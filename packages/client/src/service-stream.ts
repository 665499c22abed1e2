import { DecoraftError } from '@decoraft/protocol';
import { decodeValue } from '@decoraft/rpc';
import { failureOf, nameOf, type ServiceCall } from './service-call.js';

export interface ServiceStreamOptions {
  readonly call: ServiceCall;
  /** The user's. */
  readonly signal: AbortSignal | undefined;
  /** Aborted when the connection to the cluster is closed. */
  readonly closed: AbortSignal;
  /** Makes the call; what it gives are the items. `signal` ends them. */
  readonly open: (signal: AbortSignal) => Promise<unknown>;
}

/** One loop over the items of a service's stream: the call is made when the first is asked for. */
export class ServiceStream implements AsyncIterator<unknown, undefined> {
  readonly #options: ServiceStreamOptions;
  readonly #ending = new AbortController();
  #items: Promise<AsyncIterator<unknown>> | undefined;
  #isOver = false;

  constructor(options: ServiceStreamOptions) {
    this.#options = options;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const items = await (this.#items ??= this.#open());
      const result = await items.next();
      if (!result.done) return { done: false, value: result.value };
      this.#leave();
      return { done: true, value: undefined };
    } catch (thrown) {
      // Whoever has left meanwhile wants to know nothing more.
      if (this.#isOver) return { done: true, value: undefined };
      this.#leave();
      throw this.#reasonOf(thrown);
    }
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    const items = this.#items;
    this.#leave();
    // What has not been opened by now is not opened any more.
    this.#ending.abort();
    await items?.then(
      (iterator) => iterator.return?.(),
      () => undefined,
    );
    return { done: true, value: undefined };
  }

  async #open(): Promise<AsyncIterator<unknown>> {
    const { closed, open, signal } = this.#options;
    signal?.throwIfAborted();
    closed.addEventListener('abort', this.#end);
    signal?.addEventListener('abort', this.#end);
    const items = await open(this.#ending.signal);
    if (isAsyncIterable(items)) return items[Symbol.asyncIterator]();
    const { call } = this.#options;
    const words = `an interceptor gave no AsyncIterable for the stream ${nameOf(call)}.${call.name}`;
    throw new DecoraftError('InvalidArgument', words);
  }

  readonly #end = (): void => this.#ending.abort();

  #leave(): void {
    this.#isOver = true;
    this.#options.closed.removeEventListener('abort', this.#end);
    this.#options.signal?.removeEventListener('abort', this.#end);
  }

  #reasonOf(thrown: unknown): unknown {
    const { closed, signal } = this.#options;
    if (signal?.aborted) return signal.reason;
    if (!closed.aborted) return failureOf(thrown);
    const words = 'the connection to the cluster was closed before the stream had ended';
    return new DecoraftError('Cancelled', words, { cause: thrown });
  }
}

/** The items of a channel's stream as values. */
export async function* decoded(items: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  for await (const item of items) yield decodeValue(item);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
