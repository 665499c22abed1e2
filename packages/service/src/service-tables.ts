import { DecoraftError, type ServiceTable } from '@decoraft/protocol';
import type { RpcService } from './rpc-service.js';

type ServiceClass = abstract new (...args: never[]) => RpcService;

const tables = new WeakMap<object, ServiceTable>();

/**
 * Ties a service class to what the generator read from it. Generated `operations.ts` files call this when they are
 * imported; users do not.
 */
export function defineService(service: ServiceClass, table: ServiceTable): void {
  tables.set(service, table);
}

/** @throws DecoraftError `InvalidArgument` that says what to run and what to import. */
export function tableOf(service: RpcService): ServiceTable {
  const table = tables.get(service.constructor);
  if (table) return table;
  throw new DecoraftError(
    'InvalidArgument',
    `${service.constructor.name} has no table of methods: run \`decoraft generate\` and import ` +
      "'./generated/operations.js' where the server starts",
  );
}
