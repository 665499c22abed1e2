import { DecoraftError } from '@decoraft/protocol';
import type { CallOptions } from './call-options.js';

/** A call of this client's user, on its way out: one, however often it is tried. */
export interface ClientRequest {
  /**
   * `subscription` is its registration; `service` a call of a service beside the machines, `stream` one that is answered
   * by a stream.
   */
  readonly kind: 'command' | 'query' | 'subscription' | 'service' | 'stream';
  /** The name under which the machine or service is registered. */
  readonly target: string;
  /** The method's name, or the event's. */
  readonly method: string;
  /** Without the stream that the caller sends, where there is one: it is {@link source}. */
  readonly args: readonly unknown[];
  /** Of `service` and `stream`: what the caller sends item by item, where the method takes a stream. */
  readonly source?: AsyncIterable<unknown>;
  readonly options: CallOptions;
}

/**
 * Makes the call, and gives its result: `undefined` for a subscription, once the group has agreed on it; for a `stream` an
 * `AsyncIterable` of the items, which arrive while the caller reads them.
 */
export type ClientHandler = (request: ClientRequest) => Promise<unknown>;

/**
 * Stands around every call of a connection: is given what comes next, and gives what is called in its place. It may call
 * what comes next never, once, or again; with other `args`, `source` and `options`; and give another result or error.
 * What it says of `kind`, `target` and `method` changes nothing. The first of a list is the outermost.
 *
 * What the client asks by itself (its session, its beats, the stream of events) passes by; metadata for those is given to
 * `connect`.
 *
 * ```ts
 * const timed: Interceptor = (next) => async (request) => {
 *   const started = performance.now();
 *   try {
 *     return await next(request);
 *   } finally {
 *     console.log(request.target, request.method, performance.now() - started);
 *   }
 * };
 * ```
 */
export type Interceptor = (next: ClientHandler) => ClientHandler;

/** `innermost` with all interceptors around it. */
export function intercept(interceptors: readonly Interceptor[], innermost: ClientHandler): ClientHandler {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), innermost);
}

/** Throws `InvalidArgument` for what is no list of functions. */
export function checkInterceptors(interceptors: unknown): void {
  if (Array.isArray(interceptors) && interceptors.every((each) => typeof each === 'function')) return;
  throw new DecoraftError('InvalidArgument', 'interceptors is no array of functions');
}
