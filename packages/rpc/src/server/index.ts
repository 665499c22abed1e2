/**
 * # The server half of RPC
 *
 * For Node only. An `RpcServer` listens, and each connection has a `ServerConnection` (hello, frames, back-pressure,
 * keep-alive, end) with a `Dispatcher` (requests to handlers, results back, limits, deadlines).
 *
 * It never trusts: every length, count and kind that arrives is checked before anything is taken, and every
 * exception of a handler ends at the dispatcher. What a handler throws reaches its caller only if it is a coded
 * error; the rest goes to the log.
 *
 * Read `rpc-server.ts`, `interceptors.ts`, `server-connection.ts`, `dispatcher.ts`, `server-call.ts`,
 * `server-stream.ts`, `received-items.ts`; then `websocket-listener.ts`, where Node's HTTP server and `ws` begin.
 */
export type { HandlerScope } from './handler-scope.js';
export type { ServerHandler, ServerInterceptor, ServerRequest, ServerResponse } from './interceptors.js';
export { RpcServer, type RpcServerOptions } from './rpc-server.js';
export type { ServiceLimits } from './service-gate.js';
export type { MethodDescription, ServiceDescription, ServiceOptions } from './service-registry.js';
