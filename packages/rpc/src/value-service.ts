import type { CallOptions, Channel } from './channel.js';
import { RpcError } from './errors.js';
import { methodId, type Service, serviceId } from './service.js';
import { decodeValue, encodeValue } from './values.js';

/** Functions by name; their arguments and results travel as values. */
export type ValueHandlers = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * A service of unary methods from plain functions: positional arguments, one result, promises awaited. What they
 * may take and give is what {@link encodeValue} carries. Its types are checked by nobody: validate in the handler.
 */
export function valueService(handlers: ValueHandlers): Service {
  return {
    methods: Object.entries(handlers).map(([name, handler]) => ({
      kind: 'unary',
      name,
      handle(payload) {
        const args = decodeValue(payload);
        if (!Array.isArray(args))
          throw new RpcError('InvalidArgument', `the arguments of ${name} are no array`);
        const result: unknown = Reflect.apply(handler, handlers, args);
        return result instanceof Promise ? result.then(encodeValue) : encodeValue(result);
      },
    })),
  };
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
