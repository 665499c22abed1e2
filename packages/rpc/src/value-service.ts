import type { CallOptions, Channel } from './channel.js';
import { RpcError } from './errors.js';
import { type CallContext, methodId, type Service, serviceId } from './service.js';
import { decodeValue, encodeValue } from './values.js';

/** Functions by name; their arguments and results travel as values. See {@link withContext}. */
export type ValueHandlers = Readonly<Record<string, (...args: never[]) => unknown>>;

const WANTS_CONTEXT = new WeakSet<object>();

/**
 * A handler of a {@link valueService} that is given the call's context before the caller's arguments: metadata, the
 * signal, the time that is left. No argument of a caller can take its place.
 *
 * ```ts
 * valueService({ greet: withContext((call, name: string) => `hello ${name} of ${call.metadata['tenant']}`) });
 * ```
 */
export function withContext<Args extends readonly unknown[], Result>(
  handler: (context: CallContext, ...args: Args) => Result,
): (...args: Args) => Result {
  // Its first argument is the context, whatever its type says: so says the mark, which only this function gives.
  const marked = (...args: Args): Result => Reflect.apply(handler, undefined, args);
  WANTS_CONTEXT.add(marked);
  return marked;
}

/**
 * A service of unary methods from plain functions: positional arguments, one result, promises awaited. What they
 * may take and give is what {@link encodeValue} carries. Its types are checked by nobody: validate in the handler.
 */
export function valueService(handlers: ValueHandlers): Service {
  return {
    methods: Object.entries(handlers).map(([name, handler]) => ({
      kind: 'unary',
      name,
      handle(payload, context) {
        const args = argumentsOf(name, payload);
        const all: readonly unknown[] = WANTS_CONTEXT.has(handler) ? [context, ...args] : args;
        const result: unknown = Reflect.apply(handler, handlers, all);
        return result instanceof Promise ? result.then(encodeValue) : encodeValue(result);
      },
    })),
  };
}

function argumentsOf(name: string, payload: Uint8Array): readonly unknown[] {
  const args: unknown = isArray(payload) ? decodeValue(payload) : undefined;
  if (Array.isArray(args)) return args;
  const words = `the arguments of ${name} are no array of values: plain functions are called by name, not by a generated client`;
  throw new RpcError('InvalidArgument', words);
}

/** What an array of MessagePack begins with. */
function isArray([first = 0]: Uint8Array): boolean {
  return (first >= 0x90 && first <= 0x9f) || first === 0xdc || first === 0xdd;
}

/** Calls a method of a {@link valueService} by name; throws what {@link Channel.call} throws. */
export function callValue(
  channel: Channel,
  service: string,
  method: string,
  args: readonly unknown[],
  options?: CallOptions,
): Promise<unknown> {
  let payload: Uint8Array;
  try {
    payload = encodeValue(args);
  } catch (cause) {
    return Promise.reject(RpcError.from(cause));
  }
  return channel.call(serviceId(service), methodId(method), payload, options).then(decodeValue);
}
