import { messageOf, systemClock, systemRandom, type Timer, withFields } from '@decoraft/base';
import {
  clusterIdOf,
  DEFAULT_SETTINGS,
  GroupService,
  GroupState,
  type HostPorts,
  type HostSettings,
  listMembers,
  Members,
  type NodeState,
  RaftNode,
} from '@decoraft/host';
import { DecoraftError, DEFAULT_GROUP, groupServiceName, type GroupMember } from '@decoraft/protocol';
import { nodeId, type RaftStatus } from '@decoraft/raft';
import { ChannelPool, decodeValue, encodeValue, serviceId } from '@decoraft/rpc';
import { Replica, type StateMachine } from '@decoraft/state-machine';
import type { NodeLog } from '@decoraft/storage';
import { EventEmitter } from 'eventemitter3';
import { BackupService } from './backup-service.js';
import { Beginning, type Entrance, isEmpty } from './beginning.js';
import { ClusterDoor, type JoinOptions } from './cluster-door.js';
import type { RaftEvents, RaftServiceOptions } from './raft-service-options.js';
import { stderrLogger } from './stderr-logger.js';

/** A reconnecting peer should be found soon: elections wait for it. */
const PEER_BACKOFF = { baseMs: 20, maxMs: 250 } as const;
const HOUSEKEEPING_MS = 250;

/** One Raft group on this server: machines by name, kept equal with all other members. */
export class RaftService extends EventEmitter<RaftEvents> {
  readonly id: string;
  readonly group: string;
  readonly #options: RaftServiceOptions;
  readonly #settings: HostSettings;
  readonly #replica: Replica = new Replica(
    { encode: encodeValue, decode: decodeValue },
    { hashesBeside: () => this.#group.hashesBeside() },
  );
  readonly #ports: HostPorts;
  readonly #serviceId: number;
  readonly #service: GroupService;
  readonly #door: ClusterDoor;
  #group: GroupState;
  #log: NodeLog | undefined;
  #node: RaftNode | undefined;
  #beginning: Beginning | undefined;
  #housekeeping: Timer | undefined;
  /** Why this node must not answer any more. */
  #outOfService: DecoraftError | undefined;
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
    const node = (): RaftNode | undefined => (this.#outOfService ? undefined : this.#node);
    this.#service = new GroupService({
      service: this.#serviceId,
      settings: this.#settings,
      ports: this.#ports,
      node,
      outOfService: () => this.#outOfService,
      beginner: () => this.#beginning,
    });
    this.#group = new GroupState(new Members(), this.#replica);
    this.#door = new ClusterDoor({ id, service: this.#serviceId, ports: this.#ports });
    // From now on, callers hear that the node is not ready yet, and not that there is no such service.
    const backups = new BackupService({ node, log: () => this.#log, clock });
    options.server.register(name, { methods: [...this.#service.methods, ...backups.methods] });
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
   * knows a cluster already, the disk counts and the list only says where the others may be found.
   *
   * With an empty disk, it takes part once a majority of the list is there to begin, or a leader has registered the disk.
   * This is not waited for: until then there is no {@link status}, and errors are `failed` events.
   *
   * @param members Addresses by id, this node's among them.
   * @throws DecoraftError `InvalidArgument`, `Corrupted`, `DiskFailed`; `ClusterMismatch` when the others know this node
   *   with another disk: then it has to {@link join} under a new id.
   */
  async bootstrap(members: Readonly<Record<string, string>>): Promise<void> {
    const list = Object.entries(members).map(([id, address]) => ({ id, address }));
    if (!Object.hasOwn(members, this.id)) {
      const ids = Object.keys(members).join(', ');
      throw new DecoraftError('InvalidArgument', `node ${this.id} is not among the members ${ids}`);
    }
    const entrance = { clusterId: clusterIdOf(list), hints: new Map(Object.entries(members)) };
    await this.#start(async (log) => {
      if (!isEmpty(log)) return entrance;
      this.#beginning = new Beginning({ id: this.id, log, list, door: this.#door, ports: this.#ports });
      if (await this.#beginning.tryOnce()) return entrance;
      void this.#beginLater(log, this.#beginning, entrance);
      return undefined;
    });
  }

  /**
   * Enters a running cluster: as a learner first, and with a vote as soon as it has caught up. Safe to run again, also
   * by a node that is a member already.
   *
   * @param seeds Addresses of members; one that answers is enough.
   * @throws DecoraftError `InvalidArgument` for an id or address that is taken or was removed, `ClusterMismatch` for a
   *   member that comes with another disk, `Unavailable` when no leader answered in time.
   */
  async join(seeds: readonly string[], options: JoinOptions = {}): Promise<void> {
    await this.#start(async (log) => {
      if (!isEmpty(log)) return { clusterId: '', hints: new Map() };
      const { address } = this.#options.server;
      const { clusterId, members } = await this.#door.join({ address, disk: log.diskId, seeds }, options);
      return { clusterId, hints: new Map(members.map((member) => [member.id, member.address])) };
    });
  }

  /** Comes back to the cluster that the disk knows. @throws DecoraftError `InvalidArgument` on an empty disk. */
  async start(): Promise<void> {
    await this.#start((log) => {
      if (!isEmpty(log)) return Promise.resolve({ clusterId: '', hints: new Map() });
      throw new DecoraftError('InvalidArgument', 'the disk knows no cluster: call bootstrap or join');
    });
  }

  /**
   * Leaves the cluster for good, and closes: leadership is handed over first. The id is never used again.
   *
   * @throws DecoraftError `InvalidArgument` for the last voter, `Unavailable` when no leader answered in time.
   */
  async leave(): Promise<void> {
    await this.remove(this.id);
    await this.close();
  }

  /** Removes a member for good, this node or another. Errors as {@link leave}. */
  async remove(id: string): Promise<void> {
    const node = this.#running();
    if (node.isLeader && id === this.id && this.members.length > 1) await node.transferLeadership();
    await this.#door.remove(id, this.#addresses());
  }

  /**
   * Hands leadership over, wherever it is now.
   *
   * @param to A voter's id; the one whose log is furthest when left out.
   * @throws DecoraftError `InvalidArgument` for one that cannot lead, `Unavailable` when it did not take over in time.
   */
  async transferLeadership(to?: string): Promise<void> {
    const node = this.#running();
    if (node.isLeader) await node.transferLeadership(to);
    else await this.#door.transfer(to, this.#addresses());
  }

  /** Takes a snapshot now, and lets go of what it covers. @returns Its index; 0 when nothing was applied yet. */
  async takeSnapshot(): Promise<number> {
    return this.#running().takeSnapshot();
  }

  /** Who belongs to the group, as this node has applied it. */
  get members(): readonly GroupMember[] {
    const node = this.#node;
    return node ? listMembers(node.members, node.status().configuration) : [];
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

  /** The core's own view of itself and, on a leader, of the others; `undefined` before the start. */
  get status(): RaftStatus | undefined {
    return this.#node?.status();
  }

  /** A hash of all replicated state at {@link appliedIndex}: equal on all nodes, or they have diverged. */
  get stateHash(): string {
    return this.#group.stateHash;
  }

  /** The open log; `undefined` before the start. For measurements. */
  get log(): NodeLog | undefined {
    return this.#log;
  }

  /** Stops taking part and lets go of the disk; a leader hands over first. Other services of the server go on. */
  async close(): Promise<void> {
    if (this.#phase === 'closed') return;
    const wasRunning = this.#phase === 'running';
    this.#phase = 'closed';
    if (wasRunning) await this.#handOver();
    this.#stop();
    await this.#log?.close();
  }

  /** Best effort: without it, the others elect a leader when they miss this one. */
  async #handOver(): Promise<void> {
    if (!this.isLeader || this.members.length < 2) return;
    await this.#node?.transferLeadership().catch((thrown: unknown) => {
      this.#ports.logger.log('info', 'closed without handing leadership over', { reason: messageOf(thrown) });
    });
  }

  async #start(enter: (log: NodeLog) => Promise<Entrance | undefined>): Promise<void> {
    if (this.#phase !== 'new') throw new DecoraftError('InvalidArgument', `${this.id} was started before`);
    this.#phase = 'starting';
    try {
      const { onDiskFull } = this.#service;
      const log = await this.#options.storage.open({ nodeId: nodeId(this.id), onDiskFull });
      this.#log = log;
      const entrance = await enter(log);
      if (entrance) await this.#run(log, entrance);
    } catch (thrown) {
      await this.close();
      throw DecoraftError.from(thrown);
    }
  }

  async #beginLater(log: NodeLog, beginning: Beginning, entrance: Entrance): Promise<void> {
    try {
      if (await beginning.keepTrying(() => this.#phase !== 'starting')) await this.#run(log, entrance);
    } catch (thrown) {
      if (this.#phase === 'starting') this.#failed(DecoraftError.from(thrown));
    }
  }

  async #run(log: NodeLog, { clusterId, hints }: Entrance): Promise<void> {
    const group = new GroupState(new Members(hints), this.#replica);
    this.#group = group;
    await group.restoreNewest(log);
    if (this.#phase !== 'starting') return;
    this.#node = new RaftNode({
      id: nodeId(this.id),
      disk: log.diskId,
      address: this.#options.server.address,
      clusterId,
      service: this.#serviceId,
      group,
      settings: this.#settings,
      priority: this.#options.priority ?? 0,
      log,
      ports: this.#ports,
      onState: (state, previous) => this.#announce(state, previous),
      onConfiguration: () => this.emit('membersChanged', { members: this.members }),
      onDiverged: (found) => this.emit('diverged', found),
      onFatal: (error) => this.#failed(error),
    });
    this.#phase = 'running';
    this.#node.start();
    this.#keepHouse();
  }

  #running(): RaftNode {
    if (this.#node && this.#phase === 'running') return this.#node;
    throw new DecoraftError('Unavailable', `node ${this.id} is not running`);
  }

  /** Where a leader may be found, the one that is known first. */
  #addresses(): readonly string[] {
    const leader = this.#node?.leaderAddress;
    return [...(leader === undefined ? [] : [leader]), ...this.members.map(({ address }) => address)];
  }

  #keepHouse(): void {
    this.#housekeeping = this.#ports.clock.after(HOUSEKEEPING_MS, () => {
      this.#service.keepHouse();
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
    if (error instanceof DecoraftError && error.code === 'Corrupted') this.#outOfService = error;
    this.#stop();
    this.emit('failed', error);
  }

  #stop(): void {
    this.#housekeeping?.cancel();
    this.#node?.stop();
    // Who asks one that must not answer hears why.
    if (!this.#outOfService || this.#phase === 'closed') {
      this.#options.server.unregister(groupServiceName(this.group));
    }
    this.#ports.channels.close();
  }
}
