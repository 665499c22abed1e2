/**
 * # RPC
 *
 * Many services over one connection. A client opens a **channel** to a server; over it go unary calls, streams from the
 * server, from the client and both ways, and one-way messages, each to a method of a service, both named by 32-bit
 * IDs. Payloads are bytes: what they mean is the business of the layers above, which encode with generated code. For
 * services without a generated stub, *values* carry plain data.
 *
 * What holds on every connection: replies come in any order, and a slow handler delays no fast one. A deadline and
 * a cancellation travel to the handler. A late reply is dropped. When the connection ends, everything that was
 * pending fails once, and `sent` tells whether the handler may have seen it. A stream is sent no faster than it is
 * read, in either direction. Whoever breaks the protocol or takes more than the limits allow loses his own connection,
 * with a code and a reason, and nobody else notices.
 *
 * It never retries, never picks another server and never knows a leader: those who call know what may be done
 * twice. It knows nothing of Raft and touches no disk.
 *
 * ## In which order to read
 *
 * 1. `channel.ts`, `service.ts`, `errors.ts`, `limits.ts`: what a user sees. `room.ts`: who shares them.
 * 2. `frames.ts`, `hello.ts`, `metadata.ts`: what travels. `outbox.ts`: how it leaves, one write for a turn.
 * 3. `transport.ts`: the port; `websocket-dialer.ts` and `memory-transport.ts` behind it. `shortcut.ts`: the servers of this
 *    process, which are called over `memory-connection.ts`: everything above the port is the same, so what it promises is.
 * 4. `item-pump.ts` and `item-inbox.ts`: the two ends of a stream, whichever side they are on.
 * 5. `open-channel.ts`, `client-channel.ts` with `pending-call.ts`, `client-stream.ts`, `caller-items.ts`, `admission.ts`:
 *    the client. `pool.ts`, `backoff.ts`: one channel per address.
 * 6. `server/index.ts`: the other half, for Node only. This half runs in a browser as well.
 * 7. `values.ts` with `value-preparation.ts` and `value-scanner.ts`: plain data as bytes, and back from bytes that
 *    nobody has vouched for. The only door to msgpackr; the doors to `ws` are `websocket.node.ts` and
 *    `server/websocket-listener.ts`.
 *
 * ## What is not here
 *
 * - TLS and authentication: they come together, with the identity of peers; until then a server keeps to loopback.
 * - Interceptors of a client: a call of its user is several of ours, so they stand above, where retries are made.
 *   Those of a server are here. They and the handlers see the metadata of the caller in `CALL_METADATA` of base.
 * - Compression: with it a small frame may expand to the limit, on every connection at once.
 */
export { backoff, type BackoffOptions } from './backoff.js';
export type { CallOptions, Channel, ChannelOptions } from './channel.js';
export { DeadlineTimer } from './deadline-timer.js';
export { isRpcErrorCode, RemoteError, RpcError, type RpcErrorCode, type RpcErrorOptions } from './errors.js';
export { type Frame, readFrames, type RawFrame, splitFrames } from './frames.js';
export { defaultLimits, type RpcLimits } from './limits.js';
export { memoryNetwork, type MemoryNetwork } from './memory-transport.js';
export { openChannel } from './open-channel.js';
export { ChannelPool, type ChannelPoolOptions } from './pool.js';
export { Room, type RoomClient, type RoomLimits } from './room.js';
export {
  type BidirectionalStreamMethod,
  type CallContext,
  type ClientStreamMethod,
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
  DialOptions,
  Listener,
  Listening,
} from './transport.js';
export { callValue, type ValueHandlers, valueService, withContext } from './value-service.js';
export { decodeValue, encodeValue } from './values.js';
export { webSocketDialer, type WebSocketDialerOptions } from './websocket-dialer.js';
export type {
  WebSocketConstructor,
  WebSocketEventLike,
  WebSocketLike,
  WebSocketOptions,
} from './websocket-like.js';
