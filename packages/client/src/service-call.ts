import { CodedError } from '@decoraft/base';
import { DecoraftError, isErrorCode } from '@decoraft/protocol';
import { serviceId } from '@decoraft/rpc';

/** How a service is called: by the name under which it is registered, and by its ID where it was given one of its own. */
export type ServiceName = string | { readonly name: string; readonly id: number };

/** A call of a service's method, as a generated client makes it. */
export interface ServiceCall {
  readonly service: ServiceName;
  /** The method's stable id, and its name for messages. */
  readonly method: number;
  readonly name: string;
  readonly args: readonly unknown[];
  /** What the caller sends item by item, where the method takes a stream: looped over once for each call. */
  readonly source?: AsyncIterable<unknown>;
}

/** The name of the service that is called, for messages. */
export function nameOf({ service }: ServiceCall): string {
  return typeof service === 'string' ? service : service.name;
}

/** The ids under which service and method travel. */
export function idsOf({ method, service }: ServiceCall): {
  readonly service: number;
  readonly method: number;
} {
  return { service: typeof service === 'string' ? serviceId(service) : service.id, method };
}

/** A handler may have codes of its own, which stay; whatever else is wrong has one of ours. */
export function failureOf(thrown: unknown): CodedError {
  if (thrown instanceof CodedError && !isErrorCode(thrown.code)) return thrown;
  return DecoraftError.from(thrown);
}
