import { type Clock, EventEmitter, type Logger, type Random, tell } from '@decoraft/base';
import {
  type Consistency,
  DecoraftError,
  DEFAULT_GROUP,
  type GroupInfo,
  GROUP_METHOD,
  groupServiceName,
} from '@decoraft/protocol';
import { type ChannelPool, decodeValue, methodId, serviceId } from '@decoraft/rpc';
import { type CallOptions, checkCallOptions, isSignal } from './call-options.js';
import type { ClusterEvents } from './cluster-events.js';
import { ClusterNode } from './cluster-node.js';
import { type ClusterInfo, clusterInfoOf } from './cluster-info.js';
import { Commands } from './commands.js';
import { Contracts } from './contracts.js';
import { type ConnectionStatus, StatusBoard } from './connection-status.js';
import { EventFeed } from './event-feed.js';
import type { MachineCall } from './group-call.js';
import { GroupConnections } from './group-connections.js';
import { type ClientHandler, type ClientRequest, intercept, type Interceptor } from './interceptors.js';
import { Lifetime } from './lifetime.js';
import { MemberRefresh } from './member-refresh.js';
import { Nodes } from './nodes.js';
import { Queries } from './queries.js';
import { Reconnection } from './reconnection.js';
import { type RemoteService, remoteService } from './remote-service.js';
import { SeenIndex } from './seen-index.js';
import type { ServiceName } from './service-call.js';
import { ServiceCalls, type ServiceHost } from './service-calls.js';
import type { OnSessionExpired } from './session-keeper.js';
import {
  type ClientSubscription,
  endWith,
  type Subscription,
  type Unsubscribe,
  unsubscribeOf,
} from './subscription.js';
import type { WindowLimits } from './window.js';

const INFO = methodId(GROUP_METHOD.info);
/** How long `close` tries to tell the cluster that the session is over. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Everything that a cluster connection is built from. */
export interface ClusterParts {
  readonly addresses: readonly string[];
  readonly pool: ChannelPool;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly group?: string;
  readonly sessionTimeoutMs: number;
  readonly onSessionExpired: OnSessionExpired;
  readonly window: WindowLimits;
  readonly token?: string | undefined;
  readonly interceptors: readonly Interceptor[];
  /** To a group beside the first one: called when it ends, in place of closing the pool, which is not its own. */
  readonly onClosed?: () => void;
}

/**
 * A connection to a cluster: what generated clients stand on. Made by `connect`. What happens to it are events on it, see
 * {@link ClusterEvents}; an error that a listener throws surfaces as an uncaught one.
 */
export class Cluster extends EventEmitter<ClusterEvents> implements ServiceHost {
  /** The name of the Raft group that it talks to. */
  readonly groupName: string;
  /** The untyped form of what generated clients of services call. */
  readonly services: ServiceCalls;
  readonly #closePool: () => void;
  readonly #groups: GroupConnections<Cluster>;
  readonly #nodes: Nodes;
  readonly #seen: SeenIndex;
  readonly #commands: Commands;
  readonly #queries: Queries;
  readonly #feed: EventFeed;
  readonly #refresh: MemberRefresh;
  readonly #interceptors: readonly Interceptor[];
  readonly #lifetime = new Lifetime();
  readonly #board = new StatusBoard((change) => tell(() => this.emit('statusChanged', change)));
  readonly #closing = new AbortController();
  #draining: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: ClusterParts) {
    super();
    const {
      addresses,
      clock,
      group = DEFAULT_GROUP,
      interceptors,
      logger,
      onSessionExpired,
      pool,
      random,
      sessionTimeoutMs,
      window,
      token,
    } = parts;
    this.#closePool = parts.onClosed ?? (() => pool.close());
    this.#groups = new GroupConnections((name) => openGroup(parts, name, () => this.#groups.forget(name)));
    const service = serviceId(groupServiceName(group));
    const ports = { clock, random, closed: this.#closing.signal };
    this.groupName = group;
    this.#interceptors = interceptors;
    this.#nodes = new Nodes(addresses, pool, clock, (address, previous) =>
      tell(() => this.emit('leaderChanged', { address, previous })),
    );
    const contracts = new Contracts();
    this.services = new ServiceCalls({
      nodes: this.#nodes,
      clock,
      contracts,
      run: (request, work) => this.#run(request, work),
      closed: this.#closing.signal,
    });
    this.#seen = new SeenIndex(service, token);
    const caller = { nodes: this.#nodes, service, ports, seen: this.#seen, contracts };
    this.#commands = new Commands({ ...caller, onSessionExpired, sessionTimeoutMs, window });
    this.#queries = new Queries(caller);
    this.#feed = new EventFeed({ ...caller, commands: this.#commands, logger });
    this.#feed.start();
    this.#commands.onExpired((event) => tell(() => this.emit('sessionExpired', event)));
    const ask = async (): Promise<void> => {
      if (this.#nodes.isConnected) await this.#info(undefined, {});
    };
    this.#refresh = new MemberRefresh({ clock, random, ask });
    this.#refresh.start();
    new Reconnection({ pool, nodes: this.#nodes, board: this.#board, closed: this.#closing.signal }).start();
  }

  /** How the connection is doing now; each step is a `statusChanged` event. */
  get status(): ConnectionStatus {
    return this.#board.status;
  }

  /**
   * The status now and each one that follows, for a loop; it ends behind `closed`. A loop that is more than 64 steps late
   * misses the oldest.
   *
   * @param options `signal` ends the loop by its reason.
   */
  statusChanges(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ConnectionStatus> {
    return this.#board.changes(options.signal);
  }

  /**
   * Who leads, who is a member, and how far the log is, as one node sees it.
   *
   * @param address The node to ask; by default whichever is connected.
   * @param options `timeoutMs`, `signal` and `metadata`.
   * @throws DecoraftError `Unavailable` or `DeadlineExceeded` when no node answered in time, `InvalidArgument` for what is
   *   no address.
   */
  info(address?: string, options: CallOptions = {}): Promise<ClusterInfo> {
    return this.#guarded(options, () => this.#info(address, options));
  }

  /** All that this client has seen, as text: whoever is given it, in any process, sees no less. For ever; no secret. */
  token(): string {
    return this.#seen.token();
  }

  /**
   * From now on, no query of this client but `local` ones shows less than what the client of the token has seen.
   *
   * @throws DecoraftError `InvalidArgument` for what is no token; `ClusterMismatch` for another group or cluster. Calls
   *   end with that where it is known later, and where the token names what the cluster never had, or lost by a restore.
   */
  observeToken(token: string): void {
    this.#seen.note(this.#seen.read(token));
  }

  /**
   * A connection to another Raft group of the same servers, over the same sockets; the same one for all who ask, until it
   * is closed. Its session, what it has seen and its events are its own. It is closed with this one at the latest; when it
   * is closed before, this one goes on.
   *
   * @throws DecoraftError `InvalidArgument` for what is no name of a group; `Cancelled` when this connection is closed.
   */
  group(name: string): Cluster {
    return name === this.groupName ? this : this.#groups.to(name);
  }

  /**
   * A service that is registered beside the machines, called by names and with values, on whichever node is connected.
   *
   * @param name That under which it is registered, and its ID where it was given one of its own.
   */
  service(name: ServiceName): RemoteService {
    return remoteService(this, name);
  }

  /**
   * One node, for calls of the services there: their instances on several nodes differ.
   *
   * @param address Where it listens; it need not be one that was given to `connect`.
   */
  node(address: string): ClusterNode {
    return new ClusterNode(address, this.services.at(address));
  }

  /** The untyped form of a generated client's command. */
  command(call: MachineCall, options: CallOptions = {}): Promise<unknown> {
    return this.#run(requestOf('command', call, options), (request) =>
      this.#commands.command({ ...call, args: request.args }, request.options),
    );
  }

  /** The untyped form of a generated client's query. */
  query(
    call: MachineCall,
    options: CallOptions & { readonly consistency?: Consistency } = {},
  ): Promise<unknown> {
    return this.#run(requestOf('query', call, options), (request) =>
      this.#queries.query(
        { ...call, args: request.args },
        request.options,
        request.options.consistency ?? 'session',
      ),
    );
  }

  /** The untyped form of a generated client's subscription, as a stream. */
  subscribe(call: MachineCall, options: CallOptions = {}): Subscription<unknown> {
    return this.#subscribe(call, options);
  }

  /** The untyped form of a generated client's subscription, with a callback. */
  async listen(
    call: MachineCall,
    options: CallOptions,
    listener: (value: unknown) => void,
  ): Promise<Unsubscribe> {
    if (typeof listener !== 'function') {
      throw new DecoraftError('InvalidArgument', `${call.machine}.${call.name}: the listener is no function`);
    }
    const subscription = this.#subscribe(call, options);
    await subscription.ready;
    subscription.deliverTo(listener).catch(() => undefined);
    return unsubscribeOf(subscription);
  }

  /**
   * Begins a new session where the cluster has ended the last one: until then, commands and subscriptions reject with
   * `SessionExpired`, unless `onSessionExpired` is `renew`. Of no effect while there is a session.
   *
   * @throws DecoraftError `Unavailable` when no leader answered in time, `Overloaded` when the group holds too many.
   */
  renewSession(): Promise<void> {
    return this.#guarded({}, () => this.#commands.renewSession());
  }

  /**
   * Ends in good order: no new calls, which reject with `Cancelled`; those under way end, or meet their deadlines; what
   * was consumed is acknowledged; then it closes. May be called again.
   */
  drain(): Promise<void> {
    return (this.#draining ??= this.#drain());
  }

  /**
   * Ends at once: what is under way rejects with `Cancelled`, whatever has become of it; then the session ends, and with
   * it all subscriptions, and the connections are closed. May be called again, also while it drains.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #drain(): Promise<void> {
    if (this.#closed) return this.#closed;
    this.#board.become('draining');
    await Promise.all([this.#lifetime.drain(), this.#groups.drain()]);
    if (!this.#closed) await this.#feed.acknowledge().catch(() => undefined);
    await this.close();
  }

  async #close(): Promise<void> {
    this.#lifetime.close();
    this.#closing.abort();
    this.#feed.close();
    this.#refresh.stop();
    const ended = this.#commands.closeSession(CLOSE_TIMEOUT_MS).catch(() => undefined);
    await Promise.all([ended, this.#groups.close()]);
    this.#closePool();
    this.#board.become('closed');
  }

  async #info(address: string | undefined, options: CallOptions): Promise<ClusterInfo> {
    const bytes = await this.#queries.askNode(address, INFO, 'info', options);
    const info = decodeValue(bytes) as GroupInfo;
    this.#seen.note({ cluster: info.cluster, index: 0 });
    this.#nodes.noteMembers(info.members.map((member) => member.address));
    return clusterInfoOf(info);
  }

  #subscribe(call: MachineCall, options: CallOptions): ClientSubscription {
    // The signal ends the subscription itself: the group is told where it had agreed meanwhile.
    const { signal, ...others } = options;
    const subscription = this.#feed.subscribe(async (register) => {
      checkCallOptions(options);
      return this.#run(requestOf('subscription', call, others), (request) =>
        register({ ...call, args: request.args }, request.options),
      );
    });
    if (isSignal(signal)) endWith(signal, subscription);
    return subscription;
  }

  /** Makes a call of the user's through all interceptors. */
  #run(request: ClientRequest, work: ClientHandler): Promise<unknown> {
    if (this.#interceptors.length === 0) return this.#guarded(request.options, () => work(request));
    const handle: ClientHandler = (changed) => {
      if (changed.options !== request.options) checkCallOptions(changed.options);
      return work(changed);
    };
    return this.#guarded(request.options, async () => intercept(this.#interceptors, handle)(request));
  }

  #guarded<Result>(options: CallOptions, work: () => Promise<Result>): Promise<Result> {
    try {
      checkCallOptions(options);
      return this.#lifetime.run(work, options.signal);
    } catch (error) {
      return Promise.reject(DecoraftError.from(error));
    }
  }
}

/** The token is one of the first group: it says nothing of another. */
function openGroup(parts: ClusterParts, group: string, onClosed: () => void): Cluster {
  return new Cluster({ ...parts, group, onClosed, token: undefined });
}

function requestOf(
  kind: ClientRequest['kind'],
  { args, machine, name }: MachineCall,
  options: CallOptions,
): ClientRequest {
  return { kind, target: machine, method: name, args, options };
}
