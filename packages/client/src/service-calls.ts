import type { Clock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type Channel, decodeValue, encodeValue } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import { within } from './group-call.js';
import type { ClientHandler, ClientRequest } from './interceptors.js';
import type { Nodes } from './nodes.js';
import { limited } from './retry.js';
import { failureOf, idsOf, nameOf, type ServiceCall } from './service-call.js';
import { decoded, ServiceStream } from './service-stream.js';

/** Where services are called: on whichever node of a cluster is connected, or on one node of it. */
export interface ServiceHost {
  /** The untyped form of what generated clients of services call. */
  readonly services: ServiceCaller;
}

/** Calls of services, each made once on one node, and never again. */
export interface ServiceCaller {
  call(call: ServiceCall, options?: CallOptions): Promise<unknown>;
  /** One call for each loop over the result, made when the loop begins. Without `timeoutMs` it has no time limit. */
  stream(call: ServiceCall, options?: CallOptions): AsyncIterable<unknown>;
}

export interface ServiceCallsOptions {
  readonly nodes: Nodes;
  readonly clock: Clock;
  /** Makes a call of the user's, through all interceptors. */
  readonly run: (request: ClientRequest, work: ClientHandler) => Promise<unknown>;
  /** Aborted when the connection to the cluster is closed. */
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
    const open = (signal: AbortSignal): Promise<unknown> =>
      this.#options.run(requestOf('stream', call, options), (request) => {
        const { signal: given } = request.options;
        // An interceptor may have set a signal of its own.
        const either = given && given !== options.signal ? AbortSignal.any([signal, given]) : signal;
        return this.#open(call, request, either);
      });
    const { closed } = this.#options;
    return {
      [Symbol.asyncIterator]: () => new ServiceStream({ call, signal: options.signal, closed, open }),
    };
  }

  async #call(call: ServiceCall, { args, options }: ClientRequest): Promise<unknown> {
    const { metadata, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const deadlineMs = this.#options.clock.monotonicMs() + timeoutMs;
    try {
      const payload = encodeValue(args);
      const channel = await this.#channel(call, options);
      const leftMs = deadlineMs - this.#options.clock.monotonicMs();
      const { method, service } = idsOf(call);
      return decodeValue(
        await channel.call(service, method, payload, { timeoutMs: leftMs, signal, metadata }),
      );
    } catch (thrown) {
      signal?.throwIfAborted();
      throw failureOf(thrown);
    }
  }

  /** @param signal Ends the stream: the user's, with that of this connection's end. */
  async #open(
    call: ServiceCall,
    { args, options }: ClientRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<unknown>> {
    const { metadata, timeoutMs } = options;
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      const payload = encodeValue(args);
      const channel = await this.#channel(call, options);
      // A stream lasts as long as its reader likes, unless it was given a limit.
      const leftMs = timeoutMs === undefined ? undefined : timeoutMs - (clock.monotonicMs() - startMs);
      const { method, service } = idsOf(call);
      return decoded(channel.stream(service, method, payload, { timeoutMs: leftMs, signal, metadata }));
    } catch (thrown) {
      options.signal?.throwIfAborted();
      throw failureOf(thrown);
    }
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
  return { kind, target: nameOf(call), method: call.name, args: call.args, options };
}
