import type { CallOptions } from './call-options.js';
import { type RemoteService, remoteService } from './remote-service.js';
import type { ServiceCall, ServiceName } from './service-call.js';
import type { ServiceCalls, ServiceHost } from './service-calls.js';

/**
 * One node of a cluster, for calls of the services there: each node has instances of its own. From `cluster.node(address)`;
 * it lives and ends with its cluster's connection.
 */
export class ClusterNode implements ServiceHost {
  readonly address: string;
  readonly #calls: ServiceCalls;

  constructor(address: string, calls: ServiceCalls) {
    this.address = address;
    this.#calls = calls;
  }

  /** A service that is registered on this node, called by names and with values. */
  service(name: ServiceName): RemoteService {
    return remoteService(this, name);
  }

  /** The untyped form of a generated client's call. */
  callService(call: ServiceCall, options: CallOptions = {}): Promise<unknown> {
    return this.#calls.call(call, options, this.address);
  }

  /** The untyped form of a generated client's stream. */
  streamService(call: ServiceCall, options: CallOptions = {}): AsyncIterable<unknown> {
    return this.#calls.stream(call, options, this.address);
  }
}
