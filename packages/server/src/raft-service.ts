import {
  type Clock,
  type Logger,
  type Random,
  systemClock,
  systemRandom,
  type Timer,
  withFields,
} from '@decoraft/base';
import {
  bootstrapLog,
  type ClusterConfiguration,
  DEFAULT_SETTINGS,
  GroupService,
  type HostPorts,
  type HostSettings,
  type NodeState,
  RaftNode,
  readConfiguration,
} from '@decoraft/host';
import { DecoraftError, DEFAULT_GROUP, groupServiceName, type MemberAddress } from '@decoraft/protocol';
import { type LogStore, nodeId } from '@decoraft/raft';
import { ChannelPool, decodeValue, type Dialer, encodeValue, serviceId } from '@decoraft/rpc';
import type { RpcServer } from '@decoraft/rpc/server';
import { Replica, type StateMachine } from '@decoraft/state-machine';
import type { Storage } from '@decoraft/storage';
import { EventEmitter } from 'eventemitter3';
import { stderrLogger } from './stderr-logger.js';

/** What changes on a node, as events on it. */
export interface RaftEvents {
  /** This node became a follower, a candidate or the leader. */
  roleChanged: (change: { readonly role: NodeState['role']; readonly previous: NodeState['role'] }) => void;
  /** Another leader is known to this node; `undefined` while none is. */
  leaderChanged: (change: { readonly leader: string | undefined }) => void;
  /** A later term began. */
  termChanged: (change: { readonly term: number }) => void;
  /** The node has stopped, because it could not go on: a disk that failed, a log that is damaged. */
  failed: (error: unknown) => void;
}

export interface RaftServiceOptions {
  /** Where the group is reached; other services and groups may share it. */
  readonly server: RpcServer;
  readonly storage: Storage;
  /** This node's name, as it stands in the list of members. Never used again for a node that lost its disk. */
  readonly id: string;
  /** The group's name, where a server hosts several; the same on all nodes. */
  readonly group?: string;
  /** Timing and limits; the same on all nodes. */
  readonly settings?: Partial<HostSettings>;
  /** How the other nodes are reached; a WebSocket by default. */
  readonly transport?: Dialer;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** See `HostPorts.soon` of `@decoraft/host`; `setImmediate` by default. */
  readonly soon?: (callback: () => void) => void;
}

/** A reconnecting peer should be found soon: elections wait for it. */
const PEER_BACKOFF = { baseMs: 20, maxMs: 250 } as const;
const HOUSEKEEPING_MS = 1_000;

/** One Raft group on this server: machines by name, kept equal with all other members. */
export class RaftService extends EventEmitter<RaftEvents> {
  readonly id: string;
  readonly group: string;
  readonly #options: RaftServiceOptions;
  readonly #settings: HostSettings;
  readonly #replica = new Replica({ encode: encodeValue, decode: decodeValue });
  readonly #ports: HostPorts;
  readonly #serviceId: number;
  readonly #service: GroupService;
  #log: LogStore | undefined;
  #node: RaftNode | undefined;
  #housekeeping: Timer | undefined;
  #phase: 'new' | 'starting' | 'running' | 'closed' = 'new';

  constructor(options: RaftServiceOptions) {
    super();
    const {
      clock = systemClock,
      group = DEFAULT_GROUP,
      id,
      logger = stderrLogger(),
      random = systemRandom,
      soon = (callback) => void setImmediate(callback),
    } = options;
    this.id = id;
    this.group = group;
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#ports = {
      clock,
      random,
      logger: withFields(logger, { node: id, group }),
      channels: new ChannelPool({ clock, random, backoff: PEER_BACKOFF, transport: options.transport }),
      soon,
    };
    const name = groupServiceName(group);
    this.#serviceId = serviceId(name);
    this.#service = new GroupService({
      service: this.#serviceId,
      settings: this.#settings,
      ports: this.#ports,
      node: () => this.#node,
    });
    // From now on, callers hear that the node is not ready yet, and not that there is no such service.
    options.server.register(name, this.#service);
  }

  /**
   * Hosts a machine. All nodes register the same machines under the same names, before they start.
   *
   * @throws DecoraftError `InvalidArgument` when the class is not sound, the name is taken, or it is too late.
   */
  register(name: string, machine: StateMachine): void {
    if (this.#phase !== 'new') {
      throw new DecoraftError('InvalidArgument', `machine ${name} is registered after the node was started`);
    }
    this.#replica.register(name, machine);
  }

  /**
   * Begins a cluster, or comes back to it: safe to run on every node with the same list. On a node whose disk
   * knows a cluster already, the disk's list counts and this one is only compared.
   *
   * @param members Addresses by id, this node's among them.
   * @throws DecoraftError `InvalidArgument`, `Corrupted`, `DiskFailed`
   */
  async bootstrap(members: Readonly<Record<string, string>>): Promise<void> {
    const list = Object.entries(members).map(([id, address]) => ({ id, address }));
    if (!Object.hasOwn(members, this.id)) {
      throw new DecoraftError(
        'InvalidArgument',
        `node ${this.id} is not among the members ${Object.keys(members).join(', ')}`,
      );
    }
    await this.#start(list);
  }

  /** Comes back to the cluster that the disk knows. @throws DecoraftError `InvalidArgument` on an empty disk. */
  async start(): Promise<void> {
    await this.#start(undefined);
  }

  /** Whether this node leads, as far as it knows. */
  get isLeader(): boolean {
    return this.#node?.isLeader ?? false;
  }

  get role(): NodeState['role'] {
    return this.#node?.state.role ?? 'follower';
  }

  /** The leader's id; `undefined` while none is known. */
  get leader(): string | undefined {
    return this.#node?.state.leader || undefined;
  }

  get term(): number {
    return this.#node?.state.term ?? 0;
  }

  /** The highest index that was applied to the machines of this node. */
  get appliedIndex(): number {
    return this.#replica.appliedIndex;
  }

  /** The highest index in this node's log. */
  get lastIndex(): number {
    return this.#log?.lastIndex() ?? 0;
  }

  /** The open log; `undefined` before the start. For measurements. */
  get log(): LogStore | undefined {
    return this.#log;
  }

  /** Stops taking part and lets go of the disk. Other services of the server go on. */
  async close(): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#stop();
    await this.#log?.close();
  }

  async #start(list: readonly MemberAddress[] | undefined): Promise<void> {
    if (this.#phase !== 'new')
      throw new DecoraftError('InvalidArgument', `node ${this.id} was started before`);
    this.#phase = 'starting';
    try {
      const log = await this.#options.storage.open({ nodeId: nodeId(this.id) });
      this.#log = log;
      if (list) await bootstrapLog(log, list);
      this.#run(log, this.#checkConfiguration(readConfiguration(log), list));
    } catch (thrown) {
      await this.close();
      throw DecoraftError.from(thrown);
    }
  }

  #checkConfiguration(
    configuration: ClusterConfiguration | undefined,
    list: readonly MemberAddress[] | undefined,
  ): ClusterConfiguration {
    if (!configuration) {
      throw new DecoraftError(
        'InvalidArgument',
        'the disk knows no cluster: call bootstrap with its members',
      );
    }
    const known = new Map(configuration.members.map(({ id, address }) => [id, address]));
    if (!known.has(this.id)) {
      throw new DecoraftError('ClusterMismatch', `node ${this.id} is no member of the cluster on its disk`);
    }
    if (list && (list.length !== known.size || list.some(({ id, address }) => known.get(id) !== address))) {
      this.#ports.logger.log('warn', 'the members on the disk differ from those given: the disk counts', {
        disk: Object.fromEntries(known),
      });
    }
    return configuration;
  }

  #run(log: LogStore, configuration: ClusterConfiguration): void {
    if (this.#phase !== 'starting') return;
    this.#node = new RaftNode({
      id: nodeId(this.id),
      service: this.#serviceId,
      configuration,
      replica: this.#replica,
      settings: this.#settings,
      log,
      ports: this.#ports,
      onState: (state, previous) => this.#announce(state, previous),
      onFatal: (error) => this.#failed(error),
    });
    this.#phase = 'running';
    this.#node.start();
    this.#keepHouse();
  }

  #keepHouse(): void {
    this.#housekeeping = this.#ports.clock.after(HOUSEKEEPING_MS, () => {
      this.#service.checkSessions();
      this.#keepHouse();
    });
  }

  #announce(state: NodeState, previous: NodeState): void {
    if (state.role !== previous.role) {
      this.#service.leadershipChanged();
      this.emit('roleChanged', { role: state.role, previous: previous.role });
    }
    if (state.leader !== previous.leader) this.emit('leaderChanged', { leader: state.leader || undefined });
    if (state.term !== previous.term) this.emit('termChanged', { term: state.term });
  }

  #failed(error: unknown): void {
    this.#ports.logger.log('error', 'the node stopped, because it could not go on', { error });
    this.#stop();
    this.emit('failed', error);
  }

  #stop(): void {
    this.#housekeeping?.cancel();
    this.#node?.stop();
    this.#options.server.unregister(groupServiceName(this.group));
    this.#ports.channels.close();
  }
}
