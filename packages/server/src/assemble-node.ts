import type { Clock, Logger, Random } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import { DecoraftError, type GroupLimits } from '@decoraft/protocol';
import type { Dialer, Listener, RpcLimits, Service } from '@decoraft/rpc';
import { RpcServer, type ServerInterceptor } from '@decoraft/rpc/server';
import type { Health } from '@decoraft/service/standard';
import type { StateMachine } from '@decoraft/state-machine';
import type { DurableStorageOptions, Storage } from '@decoraft/storage';
import type { JoinOptions, JoinWay } from './cluster-door.js';
import type { GroupDescription } from './group-description.js';
import { NodeGroups } from './node-groups.js';
import { registerServices, type ServiceRegistration } from './node-services.js';
import type { RaftService } from './raft-service.js';
import { addHealth, addReflection } from './standard-services.js';

/** What a node is, wherever it runs. */
export interface NodeDescription {
  /** This node's name among `peers`. */
  readonly id: string;
  /**
   * The addresses of all nodes by id, this one's among them: `host:port`, as the others reach it. They begin the
   * cluster together; once it has begun, what is on the disk counts.
   */
  readonly peers: Readonly<Record<string, string>>;
  /**
   * Enters a running cluster instead: addresses of members, one of which answers. `peers` then only says where this
   * node is reached.
   */
  readonly join?: JoinWay;
  /** The machines by name; the same on all nodes. They are the group `main`. */
  readonly machines: Readonly<Record<string, StateMachine>>;
  /**
   * Keeps a membership in the group, the same on all nodes: processes may join it, and observe it. See `Membership` of
   * `@decoraft/membership/server`.
   */
  readonly membership?: boolean;
  /** Further Raft groups by name, on the same port, each with a log of its own. See `DecoraftNode.startGroup`. */
  readonly groups?: Readonly<Record<string, GroupDescription>>;
  /** RPC services by name, beside the machines: each a service, or one with an ID, limits and interceptors of its own. */
  readonly services?: Readonly<Record<string, Service | ServiceRegistration>>;
  /** Whether the node tells how it is, which it does when this is left out. See `HealthClient` of `decoraft/client`. */
  readonly health?: boolean;
  /**
   * Whether the node tells what is registered there, with what it takes and gives, which it does when this is left out. See
   * `ReflectionClient` of `decoraft/client`.
   */
  readonly reflection?: boolean;
  /** Where to listen, when it is not where the others reach this node. */
  readonly listen?: string;
  /** Allows other addresses than loopback, without encryption and without authentication. */
  readonly insecure?: boolean;
  /**
   * Web pages that may connect, as origins: `https://app.example.com`. None when left out. See
   * `RpcServerOptions.origins`.
   */
  readonly origins?: readonly string[];
  /** Around the handlers of all services, the machines' among them. See `ServerInterceptor`. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** Timing and limits; the same on all nodes. */
  readonly settings?: Partial<HostSettings>;
  /** Where connections, and the server as a whole, end what they take; see `RpcLimits` of `@decoraft/rpc`. */
  readonly limits?: Partial<RpcLimits>;
  /** Where the group ends what it keeps for its clients: see `RaftServiceOptions.limits`. */
  readonly groupLimits?: Partial<GroupLimits>;
  /** See `RaftServiceOptions.priority`. */
  readonly priority?: number;
  /**
   * How large the files of a log on the disk are, in bytes, for all groups that say nothing else: at least 4,096, and 16 MiB
   * when left out. A log takes the room for a file ahead, and for the next one while it writes. May be changed between two
   * starts.
   */
  readonly segmentBytes?: number;
  /**
   * What to do when the node cannot go on, because the disk of its own group failed, or its state is not that of the
   * others. A failure of one of `groups` is that one's own: see `GroupDescription.onFatal`.
   */
  readonly onFatal: (error: unknown) => void;
}

/**
 * The world that a node lives in: everything that is not deterministic. `startNode` gives it the machine's own; the
 * simulator gives it another, and calls the same function.
 */
export interface NodePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where a group keeps its log; asked once for each, with how it is to be kept where it is durable. */
  readonly storage: (group: string, options: Pick<DurableStorageOptions, 'segmentBytes'>) => Storage;
  /** See `HostPorts.soon` of `@decoraft/host`. */
  readonly soon: (callback: () => void) => void;
  /** How other nodes are reached; a WebSocket when it is not given. */
  readonly dialer?: Dialer;
  /** How this node is reached; a WebSocket when it is not given. */
  readonly listener?: Listener;
}

/** A running node. Role, leader and term changes are events on `raft`. */
export interface DecoraftNode {
  /** The node's own group, `main`: that of the option `machines`. */
  readonly raft: RaftService;
  /** All groups of this node by name, `main` among them; also one that failed, until it is stopped. */
  readonly groups: ReadonlyMap<string, RaftService>;
  /**
   * Hosts one more group, now: begins it with the others that do the same, or comes back to it.
   *
   * @param name Small letters, digits, dashes and underscores: its directory and its service are named after it.
   * @throws DecoraftError `InvalidArgument` for a name that can be none or is taken, and as `RaftService.bootstrap` or
   *   `join`; then there is no such group here, as before.
   */
  startGroup(name: string, group: GroupDescription): Promise<RaftService>;
  /**
   * Hosts a group that runs elsewhere: enters it as `RaftService.join` does.
   *
   * @param seeds Addresses of members of the group; one that answers is enough.
   * @throws DecoraftError as {@link startGroup}.
   */
  joinGroup(name: string, seeds: readonly string[], group: JoiningGroup): Promise<RaftService>;
  /**
   * Hosts the group no more: it hands over, stops and lets go of its disk. It stays a member, and may be started again
   * with what its directory has; to take it out for good, `groups.get(name).leave()` before.
   *
   * @throws DecoraftError `NotFound`; `InvalidArgument` for `main`, which ends with the node.
   */
  stopGroup(name: string): Promise<void>;
  readonly server: RpcServer;
  /** By which more can be said of how the node is; `undefined` where `health` is `false`. */
  readonly health: Health | undefined;
  /** Where it listens. */
  readonly address: string;
  /** Stops taking part, finishes running calls, lets go of port and disk. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A group that runs elsewhere: how this node enters it. */
export interface JoiningGroup extends Omit<GroupDescription, 'join' | 'peers'> {
  readonly joining?: JoinOptions;
}

const DRAIN_MS = 2_000;

/**
 * Puts a node together and starts it: server, Raft groups, machines, services.
 *
 * @throws DecoraftError `InvalidArgument`, `Corrupted`, `DiskFailed`, `Unavailable` when the port is taken.
 */
export async function assembleNode(node: NodeDescription, ports: NodePorts): Promise<DecoraftNode> {
  const server = createServer(node, ports);
  const groups = new NodeGroups({ node, ports, server });
  const raft = groups.addMain();
  const { clock } = ports;
  registerServices(server, node.services ?? {});
  const standard = { server, groups: () => groups.all.values(), clock };
  const health = node.health === false ? undefined : addHealth(standard);
  if (node.reflection !== false) addReflection(standard);
  const close = async (): Promise<void> => {
    health?.drain();
    await groups.close();
    await server.close({ drainMs: DRAIN_MS });
  };
  try {
    await server.listen();
    await Promise.all([groups.enterMain(raft), groups.startAll(node.groups ?? {})]);
  } catch (thrown) {
    await close();
    throw DecoraftError.from(thrown);
  }
  return {
    raft,
    groups: groups.all,
    startGroup: (name, group) => groups.start(name, group),
    joinGroup: (name, seeds, { joining, ...group }) =>
      groups.start(name, { ...group, join: { ...joining, seeds } }),
    stopGroup: (name) => groups.stop(name),
    server,
    health,
    address: server.address,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createServer(node: NodeDescription, { clock, listener, logger }: NodePorts): RpcServer {
  const { id, insecure, interceptors, listen, origins, peers } = node;
  const address = listen ?? addressOf(peers, id);
  try {
    return new RpcServer({ address, clock, insecure, interceptors, listener, logger, origins });
  } catch (thrown) {
    throw DecoraftError.from(thrown);
  }
}

function addressOf(peers: Readonly<Record<string, string>>, id: string): string {
  const address = Object.hasOwn(peers, id) ? peers[id] : undefined;
  if (address !== undefined) return address;
  throw new DecoraftError(
    'InvalidArgument',
    `node ${id} is not among the peers ${Object.keys(peers).join(', ')}`,
  );
}
