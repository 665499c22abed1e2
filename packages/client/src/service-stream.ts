import { onAbort } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { nameOf, type ServiceCall } from './service-call.js';

export interface ServiceStreamOptions {
  readonly call: ServiceCall;
  /** The user's. */
  readonly signal: AbortSignal | undefined;
  /** Aborted when the connection is closed. */
  readonly closed: AbortSignal;
  /** Makes the call; what it gives are the items. `ended` ends them. */
  readonly begin: (ended: AbortSignal) => Promise<unknown>;
}

/** One loop over the items of a service's stream: the call is made when the first is asked for. */
export class ServiceStream implements AsyncIterator<unknown, undefined> {
  readonly #options: ServiceStreamOptions;
  readonly #ended = new AbortController();
  #items: Promise<AsyncIterator<unknown>> | undefined;
  #isOver = false;
  #leaveSignals: readonly (() => void)[] = [];

  constructor(options: ServiceStreamOptions) {
    this.#options = options;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const items = await (this.#items ??= this.#begin());
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
    // What has not begun by now does not begin any more.
    this.#ended.abort();
    await items?.then(
      (iterator) => iterator.return?.(),
      () => undefined,
    );
    return { done: true, value: undefined };
  }

  async #begin(): Promise<AsyncIterator<unknown>> {
    const { begin, call, closed, signal } = this.#options;
    signal?.throwIfAborted();
    this.#leaveSignals = [onAbort(closed, this.#end), onAbort(signal, this.#end)];
    const items = await begin(this.#ended.signal);
    if (isAsyncIterable(items)) return items[Symbol.asyncIterator]();
    const words = `an interceptor gave no AsyncIterable for the stream ${nameOf(call)}.${call.name}`;
    throw new DecoraftError('InvalidArgument', words);
  }

  readonly #end = (): void => this.#ended.abort();

  #leave(): void {
    this.#isOver = true;
    for (const leave of this.#leaveSignals) leave();
  }

  #reasonOf(thrown: unknown): unknown {
    const { closed, signal } = this.#options;
    if (signal?.aborted) return signal.reason;
    if (!closed.aborted) return thrown;
    const words = 'the connection to the cluster was closed before the stream had ended';
    return new DecoraftError('Cancelled', words, { cause: thrown });
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
