import { EventEmitter } from '@decoraft/base';
import { clusterIdOf, type NodeState, notLeader, type Observed, type ReadCounts } from '@decoraft/host';
import {
  checkGroupLimits,
  checkGroupName,
  DecoraftError,
  DEFAULT_GROUP,
  type GroupLimits,
  type GroupMember,
} from '@decoraft/protocol';
import type { RaftStatus } from '@decoraft/raft';
import {
  type EventName,
  type EventParameters,
  type EventValue,
  selectEvent,
  type StateMachine,
} from '@decoraft/state-machine';
import type { NodeLog } from '@decoraft/storage';
import { Beginning, isEmpty } from './beginning.js';
import { ClusterDoor, type JoinOptions } from './cluster-door.js';
import { NodeLife } from './node-life.js';
import type { RaftEvents, RaftServiceOptions } from './raft-service-options.js';

/** One Raft group on this server: machines by name, kept equal with all other members. */
export class RaftService extends EventEmitter<RaftEvents> {
  readonly id: string;
  readonly group: string;
  readonly #options: RaftServiceOptions;
  readonly #life: NodeLife;
  readonly #door: ClusterDoor;

  constructor(options: RaftServiceOptions) {
    super();
    const { group = DEFAULT_GROUP, id } = options;
    this.id = id;
    this.group = checkGroupName(group);
    this.#options = options;
    this.#life = new NodeLife({ ...options, group, events: this });
    this.#door = new ClusterDoor({ id, service: this.#life.service, ports: this.#life.ports });
  }

  /**
   * Hosts a machine. All nodes register the same machines under the same names, before they start.
   *
   * @throws DecoraftError `InvalidArgument` when the class is not sound, the name is taken, or it is too late.
   */
  register(name: string, machine: StateMachine): void {
    if (this.#life.phase !== 'new') {
      throw new DecoraftError('InvalidArgument', `machine ${name} is registered after the node was started`);
    }
    this.#life.replica.register(name, machine);
  }

  /** What was registered here, by name. */
  get machines(): ReadonlyMap<string, StateMachine> {
    const registered = Array.from(this.#life.replica.machines.registered());
    return new Map(registered.map(({ instance, name }) => [name, instance]));
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
    checkMembers(members);
    const list = Object.entries(members).map(([id, address]) => ({ id, address }));
    if (!Object.hasOwn(members, this.id)) {
      const ids = Object.keys(members).join(', ');
      throw new DecoraftError('InvalidArgument', `node ${this.id} is not among the members ${ids}`);
    }
    const entrance = { clusterId: clusterIdOf(list), hints: new Map(Object.entries(members)) };
    await this.#life.start((log) => {
      if (!isEmpty(log)) return entrance;
      const { ports } = this.#life;
      return { ...entrance, beginning: new Beginning({ id: this.id, log, list, door: this.#door, ports }) };
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
    checkSeeds(seeds);
    await this.#life.start(async (log) => {
      if (!isEmpty(log)) return { clusterId: '', hints: new Map() };
      const { address } = this.#options.server;
      const { clusterId, members } = await this.#door.join({ address, disk: log.diskId, seeds }, options);
      return { clusterId, hints: new Map(members.map((member) => [member.id, member.address])) };
    });
  }

  /** Comes back to the cluster that the disk knows. @throws DecoraftError `InvalidArgument` on an empty disk. */
  async start(): Promise<void> {
    await this.#life.start((log) => {
      if (!isEmpty(log)) return { clusterId: '', hints: new Map() };
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

  /** Removes a member for good, this node or another. Errors as {@link leave}, and `NotFound` for who never was one. */
  async remove(id: string): Promise<void> {
    const node = this.#life.running();
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
    const node = this.#life.running();
    if (node.isLeader) await node.transferLeadership(to);
    else await this.#door.transfer(to, this.#addresses());
  }

  /**
   * Hears what a machine notifies of, from this node's own apply loop: on any role, without the log and without a
   * session. Each event once and in order, as this node applies it, from now on; late, but never before its command
   * was applied. What a restart applies again is told again. Ends when the node is closed, or stops.
   *
   * @param machine What was registered, which types all that follows; or its name.
   * @param event The name of the `@sub`.
   * @param parameters What selects: the same events arrive as at a subscriber with equal parameters.
   * @param listener Is told of a gap as well: where the state of another node took the place of entries that this one
   *   never applied, their events are missing here. What it throws, or rejects with, is logged, and disturbs nobody.
   * @returns Ends it at once.
   * @throws DecoraftError `NotFound`, `Unimplemented` or `InvalidArgument` for what is not registered here, or does not
   *   fit; `Overloaded` beyond 10,000 listeners; `Unavailable` when the node was closed.
   */
  observe<Machine extends StateMachine, Name extends EventName<Machine>>(
    machine: Machine,
    event: Name,
    parameters: EventParameters<Machine, Name>,
    listener: (observed: Observed<EventValue<Machine, Name>>) => void,
  ): () => void;
  observe(
    machine: string,
    event: string,
    parameters: readonly unknown[],
    listener: (observed: Observed<unknown>) => void,
  ): () => void;
  observe(
    machine: string | StateMachine,
    event: string,
    parameters: readonly unknown[],
    listener: (observed: Observed<never>) => void,
  ): () => void {
    if (typeof listener !== 'function') {
      throw new DecoraftError('InvalidArgument', `observe ${event}: the listener is no function`);
    }
    const key = selectEvent(this.#life.replica.machines.registered(), { machine, event, parameters });
    return this.#life.observers.observe(key, listener as (observed: Observed<unknown>) => void);
  }

  /**
   * Changes where the group ends what it keeps for its clients; resolves when a majority has agreed, this node may hear
   * of it a little later. What is there already stays, however much it is.
   *
   * @param limits Those that are not named stay as they are.
   * @throws DecoraftError `InvalidArgument` that names what is no limit, or can be none; `Unavailable` when no leader
   *   answered in time.
   */
  async configure(limits: Partial<GroupLimits>): Promise<void> {
    this.#life.running();
    await this.#door.configure(checkGroupLimits(limits), this.#addresses());
  }

  /** Where the group ends what it keeps for its clients, as this node has applied it. */
  get limits(): GroupLimits {
    return this.#life.replica.limits.current;
  }

  /** The versions of the machines by name, as the group has agreed on them and this node has applied it. */
  get versions(): Readonly<Record<string, number>> {
    const { all } = this.#life.replica.machines.agreement;
    return Object.fromEntries(all.map(({ name, version }) => [name, version]));
  }

  /** Takes a snapshot now, and lets go of what it covers. @returns Its index; 0 when nothing was applied yet. */
  async takeSnapshot(): Promise<number> {
    return this.#life.running().takeSnapshot();
  }

  /** Who belongs to the group, as this node has applied it. */
  get members(): readonly GroupMember[] {
    return this.#life.members;
  }

  /** Whether this node leads, as far as it knows. */
  get isLeader(): boolean {
    return this.#life.node?.isLeader ?? false;
  }

  /** Whether this node takes part, and knows who leads: whether calls of the group's machines can be answered. */
  get isServing(): boolean {
    return this.#life.isTakingPart && this.leader !== undefined;
  }

  get role(): NodeState['role'] {
    return this.#life.node?.state.role ?? 'follower';
  }

  /** Whether the group rests here, where that is wanted (`HostSettings.quiesceIdleGroups`): it has nothing to do. */
  get isQuiet(): boolean {
    return this.#life.node?.isQuiet ?? false;
  }

  /** The leader's id; `undefined` while none is known. */
  get leader(): string | undefined {
    return this.#life.node?.state.leader || undefined;
  }

  /**
   * Resolves, with the term, when this node was the leader at some moment after the call, and has applied all that was
   * committed before it (thesis §6.4): what is asked of its machines at once is as fresh as a linearizable query.
   *
   * @throws DecoraftError `NotLeader` with `data.leaderAddress` where one is known, `NoLeader`, `Overloaded`;
   *   `Unavailable` before the node takes part, and after its end.
   */
  async confirmLeadership(): Promise<number> {
    const node = this.#life.running();
    const { term } = node.state;
    if (!node.isLeader) throw notLeader(node);
    await node.linearize();
    if (!node.isLeader || node.state.term !== term) throw notLeader(node);
    return term;
  }

  get term(): number {
    return this.#life.node?.state.term ?? 0;
  }

  /** The highest index that was applied to the machines of this node. */
  get appliedIndex(): number {
    return this.#life.replica.appliedIndex;
  }

  /** The highest index in this node's log. */
  get lastIndex(): number {
    return this.#life.log?.lastIndex() ?? 0;
  }

  /** The core's own view of itself and, on a leader, of the others; `undefined` before the start. */
  get status(): RaftStatus | undefined {
    return this.#life.node?.status();
  }

  /**
   * How many queries this node has answered since it was started, by level. How many rounds of heartbeats it has begun
   * for reads, as a leader, is in {@link status}: `readRounds`.
   */
  get readCounts(): ReadCounts {
    return this.#life.readCounts;
  }

  /** A hash of all replicated state at {@link appliedIndex}: equal on all nodes, or they have diverged. */
  get stateHash(): string {
    return this.#life.stateHash;
  }

  /** The open log; `undefined` before the start. For measurements. */
  get log(): NodeLog | undefined {
    return this.#life.log;
  }

  /** Stops taking part and lets go of the disk; a leader hands over first. Other services of the server go on. */
  async close(): Promise<void> {
    this.#door.close();
    await this.#life.close();
  }

  /** Where a leader may be found, the one that is known first. */
  #addresses(): readonly string[] {
    const leader = this.#life.node?.leaderAddress;
    return [...(leader === undefined ? [] : [leader]), ...this.members.map(({ address }) => address)];
  }
}

function checkMembers(members: unknown): void {
  if (typeof members === 'object' && members !== null && !Array.isArray(members)) return;
  const words = `bootstrap needs the addresses of the members by id, not ${String(members)}`;
  throw new DecoraftError('InvalidArgument', words);
}

function checkSeeds(seeds: unknown): void {
  if (Array.isArray(seeds) && seeds.every((seed) => typeof seed === 'string')) return;
  const words = `join needs a list of addresses of members, not ${JSON.stringify(seeds)}`;
  throw new DecoraftError('InvalidArgument', words);
}
