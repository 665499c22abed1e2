import {
  type EventEmitter,
  IS_LEADER,
  messageOf,
  systemClock,
  systemRandom,
  tell,
  type Timer,
  withFields,
} from '@decoraft/base';
import {
  GroupService,
  GroupState,
  type HostPorts,
  type HostSettings,
  listMembers,
  Members,
  type NodeState,
  Observers,
  RaftNode,
  type ReadCounts,
  resolveSettings,
} from '@decoraft/host';
import {
  checkGroupLimits,
  DecoraftError,
  DEFAULT_GROUP,
  type GroupMember,
  groupServiceName,
} from '@decoraft/protocol';
import { nodeId } from '@decoraft/raft';
import { decodeValue, encodeValue, serviceId } from '@decoraft/rpc';
import { type CommandDiffered, Replica } from '@decoraft/state-machine';
import type { NodeLog } from '@decoraft/storage';
import { BackupService } from './backup-service.js';
import type { Beginning, Entrance } from './beginning.js';
import type { RaftEvents, RaftServiceOptions } from './raft-service-options.js';
import { GroupLinks } from './group-links.js';
import { addStandardMachines } from './standard-machines.js';
import { stderrLogger } from './stderr-logger.js';

const HOUSEKEEPING_MS = 250;

export interface NodeLifeOptions extends RaftServiceOptions {
  readonly group: string;
  /** Where what changes on the node is told. */
  readonly events: EventEmitter<RaftEvents>;
}

/**
 * One node of one group, from its parts to its end: new, starting, running, closed. What stops it, and what it answers
 * afterwards, is decided here.
 */
export class NodeLife {
  readonly ports: HostPorts;
  readonly replica: Replica = new Replica(
    { encode: encodeValue, decode: decodeValue },
    {
      hashesBeside: () => this.#group.hashesBeside(),
      ...(process.env['NODE_ENV'] !== 'production' && {
        freezeQueries: true,
        onCommandDiffered: (differed: CommandDiffered) => this.#differed(differed),
      }),
    },
  );
  /** Who listens to events in this process. */
  readonly observers: Observers;
  /** Where the group is found at every server. */
  readonly service: number;
  readonly #options: NodeLifeOptions;
  readonly #settings: HostSettings;
  readonly #service: GroupService;
  readonly #links: GroupLinks;
  #group: GroupState;
  #opening: Promise<NodeLog> | undefined;
  #log: NodeLog | undefined;
  #node: RaftNode | undefined;
  #beginning: Beginning | undefined;
  #housekeeping: Timer | undefined;
  /** Why this node must not answer any more. */
  #outOfService: DecoraftError | undefined;
  #phase: 'new' | 'starting' | 'running' | 'closed' = 'new';
  #hasStopped = false;
  #closing: Promise<void> | undefined;

  constructor(options: NodeLifeOptions) {
    const {
      clock = systemClock,
      group,
      id,
      logger = stderrLogger(),
      random = systemRandom,
      soon = (callback) => void setImmediate(callback),
    } = options;
    this.#options = options;
    this.#settings = resolveSettings(options.settings);
    const limits = options.limits === undefined ? undefined : checkGroupLimits(options.limits);
    const name = groupServiceName(group);
    this.service = serviceId(name);
    const { server, transport } = options;
    this.#links = new GroupLinks({ server, clock, random, logger, soon, transport }, this.service);
    this.ports = {
      clock,
      random,
      logger: withFields(logger, { node: id, group }),
      channels: this.#links,
      soon,
    };
    const isLeader = (): boolean => this.#node?.isLeader ?? false;
    this.observers = new Observers({ soon, logger: this.ports.logger, decode: decodeValue, isLeader });
    this.replica.subscriptions.tap = this.observers;
    const node = (): RaftNode | undefined => (this.#outOfService ? undefined : this.#node);
    this.#service = new GroupService({
      service: this.service,
      settings: this.#settings,
      ports: this.ports,
      node,
      outOfService: () => this.#outOfService,
      beginner: () => this.#beginning,
      limits,
    });
    this.#group = new GroupState(new Members(), this.replica);
    addStandardMachines(this.replica, () => listMembers(this.#group.members, this.#group.configuration));
    // From now on, callers hear that the node is not ready yet, and not that there is no such service.
    const backups = new BackupService({ node, log: () => this.#log, clock });
    const methods = [...this.#service.methods, ...backups.methods];
    options.server.register(name, { methods, readsNoBindings: true });
    // Of several groups on one server, the handlers of its other services belong to this one.
    if (group === DEFAULT_GROUP) options.server.bindAround((handle) => IS_LEADER.run(isLeader(), handle));
  }

  get phase(): 'new' | 'starting' | 'running' | 'closed' {
    return this.#phase;
  }

  /** Whether it runs, and nothing has made it stop. */
  get isTakingPart(): boolean {
    return this.#phase === 'running' && !this.#hasStopped;
  }

  /** From the moment it takes part, and after its end. */
  get node(): RaftNode | undefined {
    return this.#node;
  }

  get log(): NodeLog | undefined {
    return this.#log;
  }

  get members(): readonly GroupMember[] {
    const node = this.#node;
    return node ? listMembers(node.members, node.status().configuration) : [];
  }

  get stateHash(): string {
    return this.#group.stateHash;
  }

  get readCounts(): ReadCounts {
    return this.#service.readCounts;
  }

  /** @throws DecoraftError `Unavailable` before the node takes part, and after its end. */
  running(): RaftNode {
    if (this.#node && this.#phase === 'running') return this.#node;
    throw new DecoraftError('Unavailable', `node ${this.#options.id} is not running`);
  }

  /**
   * Opens the log, finds the cluster and takes part. One that has to wait for the others before it begins goes on with
   * that in the background.
   *
   * @throws DecoraftError Whatever `enter`, the storage or the state in it has to say; the node is closed then.
   *   `Cancelled` when it was closed meanwhile.
   */
  async start(enter: (log: NodeLog) => Entrance | Promise<Entrance>): Promise<void> {
    if (this.#phase !== 'new') {
      throw new DecoraftError('InvalidArgument', `${this.#options.id} was started before`);
    }
    this.#phase = 'starting';
    try {
      this.#links.open((payload, call) => this.#service.step(payload, call));
      const { onDiskFull } = this.#service;
      this.#opening = this.#options.storage.open({ nodeId: nodeId(this.#options.id), onDiskFull });
      const log = await this.#opening;
      this.#throwIfClosed();
      this.#log = log;
      const entrance = await enter(log);
      this.#throwIfClosed();
      this.#beginning = entrance.beginning;
      if (!this.#beginning || (await this.#beginning.tryOnce())) await this.#run(log, entrance);
      else void this.#beginLater(log, this.#beginning, entrance);
      this.#throwIfClosed();
    } catch (thrown) {
      await this.close();
      throw DecoraftError.from(thrown);
    }
  }

  /** Stops taking part and lets go of the disk; a leader hands over first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const wasRunning = this.#phase === 'running';
    this.#phase = 'closed';
    if (wasRunning) await this.#handOver();
    this.#stop();
    // Who closes a node that is opening its log would otherwise never see the directory free again.
    const log = this.#log ?? (await this.#opening?.catch(() => undefined));
    await log?.close();
  }

  #throwIfClosed(): void {
    if (this.#phase !== 'closed') return;
    const { group, id } = this.#options;
    throw new DecoraftError('Cancelled', `node ${id} of group ${group} was closed while it started`);
  }

  /** Best effort: without it, the others elect a leader when they miss this one. */
  async #handOver(): Promise<void> {
    const node = this.#node;
    if (!node?.isLeader || this.members.length < 2) return;
    await node.transferLeadership().catch((thrown: unknown) => {
      this.ports.logger.log('info', 'closed without handing leadership over', { reason: messageOf(thrown) });
    });
  }

  async #beginLater(log: NodeLog, beginning: Beginning, entrance: Entrance): Promise<void> {
    try {
      if (await beginning.keepTrying(() => this.#phase !== 'starting')) await this.#run(log, entrance);
    } catch (thrown) {
      if (this.#phase === 'starting') this.#failed(DecoraftError.from(thrown));
    }
  }

  async #run(log: NodeLog, { clusterId, hints }: Entrance): Promise<void> {
    const { events, id, priority = 0, server } = this.#options;
    const group = new GroupState(new Members(hints), this.replica);
    this.#group = group;
    await group.restoreNewest(log);
    if (this.#phase !== 'starting') return;
    this.#node = new RaftNode({
      id: nodeId(id),
      disk: log.diskId,
      address: server.address,
      clusterId,
      service: this.service,
      group,
      settings: this.#settings,
      priority,
      log,
      ports: this.ports,
      shared: this.#links.shared(this.#settings),
      onState: (state, previous) => this.#announce(state, previous),
      onConfiguration: () => {
        this.#service.membersChanged();
        tell(() => events.emit('membersChanged', { members: this.members }));
      },
      onVersion: (change) => tell(() => events.emit('versionChanged', change)),
      onDiverged: (found) => tell(() => events.emit('diverged', found)),
      onFatal: (error) => this.#failed(error),
    });
    this.#phase = 'running';
    this.#node.start();
    this.#keepHouse();
  }

  #keepHouse(): void {
    this.#housekeeping = this.ports.clock.after(HOUSEKEEPING_MS, () => {
      this.#service.keepHouse();
      this.#keepHouse();
    });
  }

  #announce(state: NodeState, previous: NodeState): void {
    const { events } = this.#options;
    if (state.role !== previous.role) {
      this.#service.leadershipChanged();
      tell(() => events.emit('roleChanged', { role: state.role, previous: previous.role }));
    }
    if (state.leader !== previous.leader) {
      tell(() => events.emit('leaderChanged', { leader: state.leader || undefined }));
    }
    if (state.term !== previous.term) tell(() => events.emit('termChanged', { term: state.term }));
  }

  #differed(differed: CommandDiffered): void {
    const { command, first, machine, path, second, what, ...where } = differed;
    const words =
      `${machine}.${command} is not deterministic: run again from an equal state, it gave other ${what}` +
      `${path === '' ? '' : ` at ${path}`}: ${first}, and then ${second}`;
    this.ports.logger.log('error', words, where);
    tell(() => this.#options.events.emit('commandDiffered', differed));
  }

  #failed(error: unknown): void {
    this.ports.logger.log('error', 'the node stopped, because it could not go on', { error });
    if (error instanceof DecoraftError && error.code === 'Corrupted') this.#outOfService = error;
    this.#stop();
    tell(() => this.#options.events.emit('failed', error));
  }

  #stop(): void {
    this.#hasStopped = true;
    this.#housekeeping?.cancel();
    this.#node?.stop();
    this.observers.close();
    // Who asks one that must not answer hears why.
    if (!this.#outOfService || this.#phase === 'closed') {
      this.#options.server.unregister(groupServiceName(this.#options.group));
    }
    this.#links.close();
  }
}
