import type { Service } from '@decoraft/rpc';
import type { RpcServer, ServiceOptions } from '@decoraft/rpc/server';

/** A service of a node with what is said of it: an ID of its own, limits, interceptors. */
export interface ServiceRegistration extends ServiceOptions {
  readonly service: Service;
}

/** Registers the services of a node. Errors as `RpcServer.register`. */
export function registerServices(
  server: RpcServer,
  services: Readonly<Record<string, Service | ServiceRegistration>>,
): void {
  for (const [name, given] of Object.entries(services)) {
    if (!isRegistration(given)) server.register(name, given);
    else {
      const { service, ...options } = given;
      server.register(name, service, options);
    }
  }
}

/** A service may have a field of that name as well: what has methods is one. */
function isRegistration(given: Service | ServiceRegistration): given is ServiceRegistration {
  return 'service' in given && !('methods' in given);
}
