import { unreachable } from '@decoraft/base';
import { RpcError } from '../errors.js';
import type { CallContext, Method } from '../service.js';

/** A request on its way to its handler. */
export interface ServerRequest {
  /** Of `unary` and `client-stream`, the handler gives one answer, of the other two a stream of them. */
  readonly kind: 'unary' | 'stream' | 'client-stream' | 'bidirectional-stream';
  /** The names under which service and method were registered. */
  readonly service: string;
  readonly method: string;
  /** As the caller encoded it; a view of the received message. */
  readonly payload: Uint8Array;
  /** What the caller sends after it, for `client-stream` and `bidirectional-stream`: to be looped over once. */
  readonly payloads?: AsyncIterable<Uint8Array> | undefined;
  /**
   * The same object that the handler gets: what an interceptor wants to tell it, it keeps in a `WeakMap` by this object.
   */
  readonly context: CallContext;
}

/** What answers a request: one answer, or a stream of them, as its kind says. */
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
 * It sees unary calls and streams, of all kinds, of every service, also what nodes ask each other; one-way messages,
 * by which nodes speak Raft, pass by.
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
  if (interceptors.length === 0) return method;
  const wrapped = (innermost: ServerHandler) => around(interceptors, innermost);
  const requestOf = (kind: ServerRequest['kind'], payload: Uint8Array, context: CallContext) => ({
    kind,
    service,
    method: method.name,
    payload,
    context,
  });
  switch (method.kind) {
    case 'one-way':
      return method;
    case 'unary': {
      const handler = wrapped(async ({ context, payload }) => one(await method.handle(payload, context)));
      return {
        ...method,
        handle: (payload: Uint8Array, context: CallContext) =>
          oneOf(handler, requestOf('unary', payload, context)),
      };
    }
    case 'stream': {
      const handler = wrapped(async ({ context, payload }) => many(method.handle(payload, context)));
      return {
        ...method,
        handle: (payload: Uint8Array, context: CallContext) =>
          manyOf(handler, requestOf('stream', payload, context)),
      };
    }
    case 'client-stream': {
      const handler = wrapped(async (request) =>
        one(await method.handle(request.payload, itemsOf(request), request.context)),
      );
      return {
        ...method,
        handle: (payload, payloads, context) =>
          oneOf(handler, { ...requestOf('client-stream', payload, context), payloads }),
      };
    }
    case 'bidirectional-stream': {
      const handler = wrapped(async (request) =>
        many(method.handle(request.payload, itemsOf(request), request.context)),
      );
      return {
        ...method,
        handle: (payload, payloads, context) =>
          manyOf(handler, { ...requestOf('bidirectional-stream', payload, context), payloads }),
      };
    }
    default:
      return unreachable(method);
  }
}

function one(payload: Uint8Array): ServerResponse {
  return { kind: 'unary', payload };
}

function many(items: AsyncIterable<Uint8Array>): ServerResponse {
  return { kind: 'stream', items };
}

async function oneOf(handler: ServerHandler, request: ServerRequest): Promise<Uint8Array> {
  const response = await handler(request);
  if (response.kind === 'unary') return response.payload;
  throw wrongKind(request, response);
}

async function* manyOf(handler: ServerHandler, request: ServerRequest): AsyncIterable<Uint8Array> {
  const response = await handler(request);
  if (response.kind !== 'stream') throw wrongKind(request, response);
  yield* response.items;
}

function itemsOf({ method, payloads, service }: ServerRequest): AsyncIterable<Uint8Array> {
  if (payloads) return payloads;
  throw new TypeError(`an interceptor passed on a request of ${service}.${method} without its items`);
}

function around(interceptors: readonly ServerInterceptor[], innermost: ServerHandler): ServerHandler {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), innermost);
}

function wrongKind({ method, service }: ServerRequest, response: ServerResponse): TypeError {
  return new TypeError(
    `an interceptor answered ${service}.${method} with a response of kind ${response.kind}`,
  );
}

/** Throws `InvalidArgument` for what is no list of functions. */
export function checkInterceptors(interceptors: unknown, owner = ''): void {
  if (Array.isArray(interceptors) && interceptors.every((each) => typeof each === 'function')) return;
  throw new RpcError('InvalidArgument', `interceptors${owner} is no array of functions`);
}
