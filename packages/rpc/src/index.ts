export { backoff, type BackoffOptions } from './backoff.js';
export { type CallOptions, type Channel, type ChannelOptions } from './channel.js';
export { isRpcErrorCode, RemoteError, RpcError, type RpcErrorCode, type RpcErrorOptions } from './errors.js';
export { defaultLimits, type RpcLimits } from './limits.js';
export { memoryNetwork, type MemoryNetwork } from './memory-transport.js';
export { openChannel } from './open-channel.js';
export { ChannelPool, type ChannelPoolOptions } from './pool.js';
export {
  type CallContext,
  type ConnectionInfo,
  type Method,
  methodId,
  type OneWayMethod,
  type Service,
  serviceId,
  type StreamMethod,
  type UnaryMethod,
} from './service.js';
export type {
  AcceptedConnection,
  Connection,
  ConnectionEvents,
  Dialer,
  Listener,
  Listening,
} from './transport.js';
export { callValue, type ValueHandlers, valueService } from './value-service.js';
export { decodeValue, encodeValue } from './values.js';
