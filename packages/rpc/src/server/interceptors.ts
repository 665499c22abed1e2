import { RpcError } from '../errors.js';
import type { CallContext, Method, StreamMethod, UnaryMethod } from '../service.js';

/** A request on its way to its handler. */
export interface ServerRequest {
  /** Whether the handler gives one answer or a stream of them. */
  readonly kind: 'unary' | 'stream';
  /** The names under which service and method were registered. */
  readonly service: string;
  readonly method: string;
  /** As the caller encoded it; a view of the received message. */
  readonly payload: Uint8Array;
  /**
   * The same object that the handler gets: what an interceptor wants to tell it, it keeps in a `WeakMap` by this object.
   */
  readonly context: CallContext;
}

/** What answers a request: of the same kind as the request. */
export type ServerResponse =
  | { readonly kind: 'unary'; readonly payload: Uint8Array }
  | { readonly kind: 'stream'; readonly items: AsyncIterable<Uint8Array> };

export type ServerHandler = (request: ServerRequest) => Promise<ServerResponse>;

/**
 * Stands around the handlers of all services of a server: is called once with what comes next, and gives what is called
 * with each request. It may refuse (throw a coded error), answer by itself, change what goes in and comes out, and
 * measure. The first of a list is the outermost. An error with a code reaches the caller as it is; anything else is
 * logged and reaches it as `Internal`.
 *
 * It sees unary calls and streams of every service, also what nodes ask each other; one-way messages, by which nodes
 * speak Raft, pass by.
 *
 * ```ts
 * const signedIn: ServerInterceptor = (next) => async (request) => {
 *   if (request.service === 'greeter' && !isValid(request.context.metadata['token'])) {
 *     throw new DecoraftError('Unauthenticated', 'the token is not valid');
 *   }
 *   return next(request);
 * };
 * ```
 */
export type ServerInterceptor = (next: ServerHandler) => ServerHandler;

/** The method with all interceptors around its handler; without any, the method itself. */
export function intercepted(
  method: Method,
  service: string,
  interceptors: readonly ServerInterceptor[],
): Method {
  if (interceptors.length === 0 || method.kind === 'one-way') return method;
  return method.kind === 'unary'
    ? interceptedUnary(method, service, interceptors)
    : interceptedStream(method, service, interceptors);
}

function interceptedUnary(
  method: UnaryMethod,
  service: string,
  interceptors: readonly ServerInterceptor[],
): Method {
  const handler = around(interceptors, async ({ context, payload }) => ({
    kind: 'unary',
    payload: await method.handle(payload, context),
  }));
  return {
    ...method,
    async handle(payload, context) {
      const response = await handler({ kind: 'unary', service, method: method.name, payload, context });
      if (response.kind === 'unary') return response.payload;
      throw wrongKind(service, method.name, response);
    },
  };
}

function interceptedStream(
  method: StreamMethod,
  service: string,
  interceptors: readonly ServerInterceptor[],
): Method {
  const handler = around(interceptors, ({ context, payload }) =>
    Promise.resolve({ kind: 'stream', items: method.handle(payload, context) }),
  );
  return {
    ...method,
    async *handle(payload, context) {
      const response = await handler({ kind: 'stream', service, method: method.name, payload, context });
      if (response.kind !== 'stream') throw wrongKind(service, method.name, response);
      yield* response.items;
    },
  };
}

function around(interceptors: readonly ServerInterceptor[], innermost: ServerHandler): ServerHandler {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), innermost);
}

function wrongKind(service: string, method: string, response: ServerResponse): TypeError {
  return new TypeError(
    `an interceptor answered ${service}.${method} with a response of kind ${response.kind}`,
  );
}

/** Throws `InvalidArgument` for what is no list of functions. */
export function checkInterceptors(interceptors: unknown): void {
  if (Array.isArray(interceptors) && interceptors.every((each) => typeof each === 'function')) return;
  throw new RpcError('InvalidArgument', `interceptors is no array of functions`);
}
