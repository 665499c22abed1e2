import type { Clock, Logger, Random } from '@decoraft/base';
import {
  type Consistency,
  DEFAULT_GROUP,
  type GroupInfo,
  type GroupMember,
  GROUP_METHOD,
  groupServiceName,
  type MemberRole,
} from '@decoraft/protocol';
import { type ChannelPool, callValue, decodeValue, methodId, serviceId } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import { Commands } from './commands.js';
import { EventFeed } from './event-feed.js';
import type { MachineCall } from './group-call.js';
import { MemberRefresh } from './member-refresh.js';
import { Nodes } from './nodes.js';
import { Queries } from './queries.js';
import { SeenIndex } from './seen-index.js';
import type { OnSessionExpired, SessionExpired } from './session-keeper.js';
import { type Subscription, type Unsubscribe, unsubscribeOf } from './subscription.js';
import type { WindowLimits } from './window.js';

const INFO = methodId(GROUP_METHOD.info);
/** How long `close` tries to tell the cluster that the session is over. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A member of the cluster as the node that was asked sees it. */
export interface MemberInfo {
  readonly id: string;
  readonly address: string;
  /** A `learner` follows without a vote; `joining` and `leaving` voters are on their way (§6). */
  readonly role: 'leader' | 'follower' | Exclude<MemberRole, 'voter'>;
}

/** The cluster as the node that was asked sees it. */
export interface ClusterInfo {
  /** The id of the node that answered. */
  readonly node: string;
  /** The id of the leader; `undefined` while none is known. */
  readonly leader: string | undefined;
  readonly term: number;
  /** The highest index known to be committed. */
  readonly commitIndex: number;
  /** The highest index that the node has applied to its machines. */
  readonly appliedIndex: number;
  readonly members: readonly MemberInfo[];
}

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
  readonly token?: string;
}

/** A plain RPC service of a node, called with values. */
export interface RemoteService {
  /**
   * @param method The name of the handler.
   * @param args Its positional arguments.
   * @param options `timeoutMs` and `signal`; nothing is retried.
   */
  call(method: string, args?: readonly unknown[], options?: CallOptions): Promise<unknown>;
}

/** A connection to a cluster: what generated clients stand on. Made by `connect`. */
export class Cluster {
  readonly #pool: ChannelPool;
  readonly #nodes: Nodes;
  readonly #seen: SeenIndex;
  readonly #commands: Commands;
  readonly #queries: Queries;
  readonly #feed: EventFeed;
  readonly #refresh: MemberRefresh;
  readonly #closing = new AbortController();

  constructor({
    addresses,
    clock,
    group = DEFAULT_GROUP,
    logger,
    onSessionExpired,
    pool,
    random,
    sessionTimeoutMs,
    window,
    token,
  }: ClusterParts) {
    const service = serviceId(groupServiceName(group));
    const ports = { clock, random, closed: this.#closing.signal };
    this.#pool = pool;
    this.#nodes = new Nodes(addresses, pool, clock);
    this.#seen = new SeenIndex(service);
    if (token !== undefined) this.observeToken(token);
    const caller = { nodes: this.#nodes, service, ports, seen: this.#seen };
    this.#commands = new Commands({ ...caller, onSessionExpired, sessionTimeoutMs, window });
    this.#queries = new Queries(caller);
    this.#feed = new EventFeed({ ...caller, commands: this.#commands, logger });
    this.#feed.start();
    const ask = async (): Promise<void> => {
      if (this.#nodes.isConnected) await this.info();
    };
    this.#refresh = new MemberRefresh({ clock, random, ask });
    this.#refresh.start();
  }

  /**
   * Who leads, who is a member, and how far the log is, as one node sees it.
   *
   * @param address The node to ask; by default whichever is connected.
   */
  async info(address?: string): Promise<ClusterInfo> {
    const bytes = await this.#queries.askNode(address, INFO, 'info');
    const { appliedIndex, cluster, commitIndex, id, leader, members, term } = decodeValue(bytes) as GroupInfo;
    this.#seen.note({ cluster, index: 0 });
    this.#nodes.noteMembers(members.map((member) => member.address));
    return {
      node: id,
      leader,
      term,
      commitIndex,
      appliedIndex,
      members: members.map((member) => ({ ...member, role: roleOf(member, leader) })),
    };
  }

  /**
   * All that this client has seen, as text for another one: whoever is given it reads what this client has written and
   * read, in any process. Valid in this group of this cluster, for ever; no secret.
   */
  token(): string {
    return this.#seen.token();
  }

  /**
   * From now on, no query of this client but `local` ones shows less than what the client of the token has seen. A node
   * that has not come as far is given some time, else the next one is asked.
   *
   * @throws DecoraftError `InvalidArgument` for what is no token; `ClusterMismatch` for one of another group, and of
   *   another cluster, where this client has heard from its own already. Where it has not, its first call ends with that.
   *   So does a query when the token names what its cluster never had, or lost: the cluster was begun anew, or restored.
   */
  observeToken(token: string): void {
    this.#seen.note(this.#seen.read(token));
  }

  /** A plain service that is registered beside the machines, on whichever node is connected. */
  service(name: string): RemoteService {
    return {
      call: async (method, args = [], { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => {
        const { channel } = await this.#nodes.toAny(signal);
        return callValue(channel, name, method, args, signal ? { timeoutMs, signal } : { timeoutMs });
      },
    };
  }

  /** The untyped form of a generated client's command. */
  command(call: MachineCall, options: CallOptions = {}): Promise<unknown> {
    return this.#commands.command(call, options);
  }

  /** The untyped form of a generated client's query. */
  query(
    call: MachineCall,
    options: CallOptions & { readonly consistency?: Consistency } = {},
  ): Promise<unknown> {
    return this.#queries.query(call, options, options.consistency ?? 'session');
  }

  /** The untyped form of a generated client's subscription, as a stream. */
  subscribe(call: MachineCall, options: CallOptions = {}): Subscription<unknown> {
    return this.#feed.subscribe(call, options);
  }

  /** The untyped form of a generated client's subscription, with a callback. */
  async listen(
    call: MachineCall,
    options: CallOptions,
    listener: (value: unknown) => void,
  ): Promise<Unsubscribe> {
    const subscription = this.#feed.subscribe(call, options);
    await subscription.ready;
    subscription.deliverTo(listener).catch(() => undefined);
    return unsubscribeOf(subscription);
  }

  /** Calls `listener` once for each session of this client that the cluster has ended. */
  onSessionExpired(listener: (event: SessionExpired) => void): void {
    this.#commands.onExpired(listener);
  }

  /**
   * Begins a new session where the cluster has ended the last one: until then, commands and subscriptions reject with
   * `SessionExpired`, unless `onSessionExpired` is `renew`. Of no effect while there is a session.
   *
   * @throws DecoraftError `Unavailable` when no leader answered in time, `Overloaded` when the group holds too many.
   */
  renewSession(): Promise<void> {
    return this.#commands.renewSession();
  }

  /** Ends the session and with it all subscriptions, then closes the connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#feed.close();
    this.#refresh.stop();
    await this.#commands.closeSession(CLOSE_TIMEOUT_MS).catch(() => undefined);
    this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function roleOf({ id, role }: GroupMember, leader: string | undefined): MemberInfo['role'] {
  if (id === leader) return 'leader';
  return role === 'voter' ? 'follower' : role;
}
