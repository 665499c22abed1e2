import { CodedError, plainMessage } from '@decoraft/base';
import { type ArgumentsEncoder, type Contract, DecoraftError, isErrorCode } from '@decoraft/protocol';
import { serviceId } from '@decoraft/rpc';
import { explained } from './contracts.js';

/** How a service is called: by the name under which it is registered, and by its ID where it was given one of its own. */
export type ServiceName = string | { readonly name: string; readonly id: number };

/** A call of a service's method, as a generated client makes it. */
export interface ServiceCall {
  readonly service: ServiceName;
  /** The method's stable id, and its name for messages. */
  readonly method: number;
  readonly name: string;
  readonly args: readonly unknown[];
  /** What the caller was generated from. */
  readonly contract?: Contract | undefined;
  /** What the generator emitted for the method's arguments; without it they travel as MessagePack. */
  readonly encode?: ArgumentsEncoder | undefined;
  /** What the caller sends item by item, where the method takes a stream: looped over once for each call. */
  readonly source?: AsyncIterable<unknown>;
}

/** The name of the service that is called, for messages. */
export function nameOf({ service }: ServiceCall): string {
  return typeof service === 'string' ? service : String(Object(service).name);
}

/**
 * The ids under which service and method travel.
 *
 * @throws DecoraftError `InvalidArgument` for what is no name and no ID of a service.
 */
export function idsOf({ method, service }: ServiceCall): {
  readonly service: number;
  readonly method: number;
} {
  if (typeof service === 'string' && service !== '') return { service: serviceId(service), method };
  const id: unknown = Object(service).id;
  if (typeof id === 'number' && id >>> 0 === id) return { service: id, method };
  const words = `${JSON.stringify(service)} is no service: give the name under which it is registered, or { name, id }`;
  throw new DecoraftError('InvalidArgument', words);
}

/**
 * A handler may have codes of its own, which stay; whatever else is wrong has one of ours. A node that has not what was
 * called knows its ID only: the names are put in here.
 */
export function failureOf(thrown: unknown, call: ServiceCall): CodedError {
  if (thrown instanceof CodedError && !isErrorCode(thrown.code)) return thrown;
  const error = DecoraftError.from(thrown);
  const { contract } = call;
  if (error.code === 'SchemaMismatch') return explained(error, { contract, target: nameOf(call) });
  if (error.code !== 'Unimplemented') return error;
  const words = plainMessage(error);
  const { method, service } = idsOf(call);
  const named = words
    .replace(`service has the ID ${service} `, () => `service has the name ${nameOf(call)} `)
    .replace(`method with the ID ${method}`, () => `method with the name ${call.name}`);
  if (named === words) return error;
  return new DecoraftError('Unimplemented', named, { cause: error.cause, data: error.data });
}
