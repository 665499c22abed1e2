/**
 * # Client
 *
 * What a generated stub stands on. It knows the nodes and follows the leader (`nodes.ts`, `member-refresh.ts`), keeps
 * one session (`session-keeper.ts`, `session.ts`), sends commands in order and retries safely (`commands.ts`,
 * `pipeline.ts`, `question.ts`, `window.ts`, `retry.ts`, `overload.ts`), asks without a trace (`queries.ts`), and turns
 * one stream of events into many subscriptions (`event-feed.ts`, `event-reader.ts`, `session-beats.ts`, `subscription.ts`
 * with `subscription-status.ts`). What it has seen (`seen-index.ts`) its reads never go back behind, and a token carries
 * that to another client. It runs in a browser as it does in Node: nothing here is a Node built-in.
 *
 * What a client was generated from and what a node has need not be the same: `contracts.ts` compares them where a node
 * says that they are not.
 *
 * Services are called by `service-calls.ts` with `service-stream.ts` (what they give) and `caller-source.ts` (what they are
 * sent), on any node or on one (`cluster-node.ts`), through a generated `service-client.ts` or by name
 * (`remote-service.ts`): once each, and nothing is retried.
 *
 * Read `cluster.ts` first: it is the whole face; `group-connections.ts` has those to further groups. Every call goes
 * through `lifetime.ts` (signals, drain, close) and `interceptors.ts`; `connection-status.ts` and `reconnection.ts`
 * say how the connection is, and keep it.
 *
 * What is not here: TLS and signing in.
 */
export type { ClientTable } from '@decoraft/protocol';
export type { CallOptions } from './call-options.js';
export type { MachineCall } from './group-call.js';
export { Cluster } from './cluster.js';
export type { ClusterInfo, MemberInfo } from './cluster-info.js';
export type { ClusterEvents } from './cluster-events.js';
export { connect, type ConnectOptions } from './connect.js';
export type { OnSessionExpired, SessionExpired } from './session-keeper.js';
export type { ConnectionStatus, StatusChange } from './connection-status.js';
export type { ClientHandler, ClientRequest, Interceptor } from './interceptors.js';
export { type ErrorGuard, errorGuard, type Rejected } from './error-guard.js';
export { MachineClient } from './machine-client.js';
export type { Metadata } from './metadata.js';
export { ClusterNode } from './cluster-node.js';
export type { RemoteService } from './remote-service.js';
export type { ServiceCall, ServiceName } from './service-call.js';
export type { ServiceCaller, ServiceHost } from './service-calls.js';
export { ServiceClient } from './service-client.js';
export type { Subscription, Unsubscribe } from './subscription.js';
export type { SubscriptionState, SubscriptionStatus } from './subscription-status.js';
export type { WindowLimits } from './window.js';
/** What generated clients are made of. */
export {
  type ArgumentsEncoder,
  argumentsEncoder,
  argumentsEncoderWithRest,
  type PositionalWriter,
  write,
} from '@decoraft/protocol';
