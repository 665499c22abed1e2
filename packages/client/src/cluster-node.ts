import { type RemoteService, remoteService } from './remote-service.js';
import type { ServiceName } from './service-call.js';
import type { ServiceCaller, ServiceHost } from './service-calls.js';

/**
 * One node of a cluster, for calls of the services there: each node has instances of its own. From `cluster.node(address)`;
 * it lives and ends with its cluster's connection.
 */
export class ClusterNode implements ServiceHost {
  readonly address: string;
  readonly services: ServiceCaller;

  constructor(address: string, services: ServiceCaller) {
    this.address = address;
    this.services = services;
  }

  /** A service that is registered on this node, called by names and with values. */
  service(name: ServiceName): RemoteService {
    return remoteService(this, name);
  }
}
