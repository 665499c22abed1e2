/**
 * # Services
 *
 * Decorated classes as RPC services, beside the machines or without any. A service's methods run on the one node that is
 * asked, each time; nothing of it is logged, replicated or retried. What is checked is what comes in: arguments, and the
 * items of a stream, against the table that the generator read from the class, before the handler sees them.
 *
 * Read `rpc-service.ts` and `rpc-decorator.ts` first: what a user writes. Then `inspection.ts` (what is found wrong with
 * a class when it is registered) with `service-tables.ts`, and `methods.ts` with `arguments.ts`, `items.ts` and
 * `current-call.ts`: from bytes to the handler and back.
 *
 * `standard/` has the services of every node, health and reflection, and the machines of every group, master and configuration,
 * written like any user's (`@decoraft/service/standard`);
 * `client.ts` what callers of these need, also in a browser (`@decoraft/service/client`).
 *
 * What is not here: sockets, deadlines, credit and interceptors, which are the server's (`@decoraft/rpc`); the callers'
 * half, which is `ServiceClient` of `@decoraft/client`.
 */
/** What generated tables are made of. */
export { argumentsDecoder, defineDecoders, type PositionalReader, read } from '@decoraft/protocol';
export { rpc, type RpcOptions } from './rpc-decorator.js';
export { RpcService } from './rpc-service.js';
export { defineService } from './service-tables.js';
