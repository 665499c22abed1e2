import { methodId } from '@decoraft/rpc';
import type { CallOptions } from './call-options.js';
import type { ServiceCall, ServiceName } from './service-call.js';
import type { ServiceHost } from './service-calls.js';

/** A service beside the machines, called by names and with values: what a generated client does with types. */
export interface RemoteService {
  /**
   * @param method The name of the handler.
   * @param args Its positional arguments.
   * @param options `timeoutMs`, `signal` and `metadata`; nothing is retried.
   * @throws DecoraftError What the handler threw, where its code is one of ours; `Unimplemented` where there is no such
   *   service or method, `Unavailable`, `DeadlineExceeded`. CodedError with a code of the handler's own.
   */
  call(method: string, args?: readonly unknown[], options?: CallOptions): Promise<unknown>;
  /**
   * The items of a handler that gives a stream; a call for each loop over them, made when it begins. Leaving the loop
   * ends the call. Without `timeoutMs` it has no time limit. Throws, after the items that came, what {@link call} throws.
   */
  stream(method: string, args?: readonly unknown[], options?: CallOptions): AsyncIterable<unknown>;
}

/** @param name That under which the service is registered, and its ID where it was given one of its own. */
export function remoteService(host: ServiceHost, name: ServiceName): RemoteService {
  const callOf = (method: string, args: readonly unknown[]): ServiceCall => ({
    service: name,
    method: methodId(method),
    name: method,
    args,
  });
  return {
    call: (method, args = [], options = {}) => host.services.call(callOf(method, args), options),
    stream: (method, args = [], options = {}) => host.services.stream(callOf(method, args), options),
  };
}
