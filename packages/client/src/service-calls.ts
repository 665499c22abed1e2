import type { Clock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type Channel, decodeValue } from '@decoraft/rpc';
import { CallerSource } from './caller-source.js';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import { CallArguments, type Contracts } from './contracts.js';
import { within } from './group-call.js';
import type { ClientHandler, ClientRequest } from './interceptors.js';
import type { Nodes } from './nodes.js';
import { limited } from './retry.js';
import { failureOf, idsOf, nameOf, type ServiceCall } from './service-call.js';
import { ServiceStream } from './service-stream.js';

/** Where services are called: on whichever node of a cluster is connected, or on one node of it. */
export interface ServiceHost {
  /** The untyped form of what generated clients of services call. */
  readonly services: ServiceCaller;
}

/** Calls of services, each made once on one node, and never again. */
export interface ServiceCaller {
  /** A call that sends a stream has no time limit without `timeoutMs`. */
  call(call: ServiceCall, options?: CallOptions): Promise<unknown>;
  /** One call for each loop over the result, made when the loop begins. Without `timeoutMs` it has no time limit. */
  stream(call: ServiceCall, options?: CallOptions): AsyncIterable<unknown>;
}

export interface ServiceCallsOptions {
  readonly nodes: Nodes;
  readonly clock: Clock;
  readonly contracts: Contracts;
  /** Makes a call of the user's, through all interceptors. */
  readonly run: (request: ClientRequest, work: ClientHandler) => Promise<unknown>;
  /** Aborted when the connection is closed. */
  readonly closed: AbortSignal;
  /** The node; whichever is connected when left out. */
  readonly address?: string;
}

export class ServiceCalls implements ServiceCaller {
  readonly #options: ServiceCallsOptions;

  constructor(options: ServiceCallsOptions) {
    this.#options = options;
  }

  /** The same on one node. */
  at(address: string): ServiceCalls {
    return new ServiceCalls({ ...this.#options, address });
  }

  call(call: ServiceCall, options: CallOptions = {}): Promise<unknown> {
    return this.#options.run(requestOf('service', call, options), (request) => this.#call(call, request));
  }

  stream(call: ServiceCall, options: CallOptions = {}): AsyncIterable<unknown> {
    const begin = (ended: AbortSignal): Promise<unknown> =>
      this.#options.run(requestOf('stream', call, options), (request) => {
        const { signal: given } = request.options;
        // An interceptor may have set a signal of its own.
        const either = given && given !== options.signal ? AbortSignal.any([ended, given]) : ended;
        return this.#stream(call, request, either);
      });
    const { closed } = this.#options;
    return {
      [Symbol.asyncIterator]: () => new ServiceStream({ call, signal: options.signal, closed, begin }),
    };
  }

  async #call(call: ServiceCall, request: ClientRequest): Promise<unknown> {
    const { metadata, signal, timeoutMs } = request.options;
    const source = sourceOf(call, request);
    // Whoever sends a stream takes the time that it takes, unless there is a limit.
    const limitMs = timeoutMs ?? (source ? undefined : DEFAULT_TIMEOUT_MS);
    try {
      const { args, channel, leftMs } = await this.#prepare(call, request, limitMs);
      const { method, service } = idsOf(call);
      const options = { timeoutMs: leftMs, signal, metadata };
      const attempt = (): Promise<Uint8Array> =>
        source
          ? channel.clientStream(service, method, args.bytes, source.payloads, options)
          : channel.call(service, method, args.bytes, options);
      return decodeValue(await adapting(args, attempt, !source));
    } catch (thrown) {
      signal?.throwIfAborted();
      throw source ? source.reasonOf(thrown) : failureOf(thrown, call);
    }
  }

  /** @param signal Ends the stream: the user's, with that of this connection's end. */
  async #stream(
    call: ServiceCall,
    request: ClientRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<unknown>> {
    const { metadata, timeoutMs } = request.options;
    const source = sourceOf(call, request);
    try {
      const { args, channel, leftMs } = await this.#prepare(call, request, timeoutMs);
      const { method, service } = idsOf(call);
      const options = { timeoutMs: leftMs, signal, metadata };
      const open = (): AsyncIterable<Uint8Array> =>
        source
          ? channel.bidirectionalStream(service, method, args.bytes, source.payloads, options)
          : channel.stream(service, method, args.bytes, options);
      const reasonOf = (thrown: unknown): unknown =>
        source ? source.reasonOf(thrown) : failureOf(thrown, call);
      return decoded(reopened(args, open, !source), reasonOf);
    } catch (thrown) {
      request.options.signal?.throwIfAborted();
      throw failureOf(thrown, call);
    }
  }

  /** @param limitMs Of the whole call; what finding a node took is no longer left. */
  async #prepare(call: ServiceCall, { args, options }: ClientRequest, limitMs: number | undefined) {
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    const { contract, encode } = call;
    const contracted = { target: nameOf(call), contract, encode, args };
    const encoded = new CallArguments(this.#options.contracts, contracted);
    const channel = await this.#channel(call, options);
    const leftMs = limitMs === undefined ? undefined : limitMs - (clock.monotonicMs() - startMs);
    return { args: encoded, channel, leftMs };
  }

  async #channel(call: ServiceCall, options: CallOptions): Promise<Channel> {
    const { address, clock, nodes } = this.#options;
    const late = (): DecoraftError =>
      new DecoraftError(
        'Unavailable',
        `${nameOf(call)}.${call.name} found no node ${within(options)}; it was not called`,
      );
    const { signal } = options;
    const reached = address === undefined ? nodes.toAny(signal) : nodes.to(address, signal);
    return (await limited({ clock }, options, reached, late)).channel;
  }
}

function requestOf(kind: 'service' | 'stream', call: ServiceCall, options: CallOptions): ClientRequest {
  const { args, source } = call;
  return {
    kind,
    target: nameOf(call),
    method: call.name,
    args,
    ...('source' in call ? { source } : {}),
    options,
  };
}

/** The items that the caller sends, where the method takes any. */
function sourceOf(call: ServiceCall, { source }: ClientRequest): CallerSource | undefined {
  return 'source' in call ? new CallerSource(call, source) : undefined;
}

/**
 * What was refused for its contract was not done: it is called again by that of the node, where it fits.
 *
 * @param mayRepeat What the caller has sent item by item cannot be sent again: there it is the next call that fits.
 */
async function adapting<Answer>(
  args: CallArguments,
  attempt: () => Promise<Answer>,
  mayRepeat: boolean,
): Promise<Answer> {
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!args.adapt(DecoraftError.from(thrown)) || !mayRepeat) throw thrown;
    }
  }
}

/** {@link adapting} of a stream: a refusal comes before any item. */
function reopened(
  args: CallArguments,
  open: () => AsyncIterable<Uint8Array>,
  mayRepeat: boolean,
): AsyncIterable<Uint8Array> {
  let opened = open();
  const reopen = async function* (): AsyncGenerator<Uint8Array, void> {
    for (let count = 0; ;) {
      try {
        for await (const payload of opened) {
          count++;
          yield payload;
        }
        return;
      } catch (thrown) {
        if (count > 0 || !args.adapt(DecoraftError.from(thrown)) || !mayRepeat) throw thrown;
        opened = open();
      }
    }
  };
  return reopen();
}

async function* decoded(
  payloads: AsyncIterable<Uint8Array>,
  reasonOf: (thrown: unknown) => unknown,
): AsyncGenerator<unknown, void> {
  try {
    for await (const payload of payloads) yield decodeValue(payload);
  } catch (thrown) {
    throw reasonOf(thrown);
  }
}
