import { CodedError, type Random } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import type { JoinOptions } from '@decoraft/server';
import type { NodeProbe } from './check.js';
import type { Machines } from './options.js';
import { millisecondsBetween, type Randomness } from './randomness.js';
import { type Death, type LifePhase, SimulatedNode } from './simulated-node.js';
import type { World } from './world.js';

export interface ClusterOptions {
  readonly world: World;
  readonly randomness: Randomness;
  readonly machines: Machines;
  readonly membership: boolean;
  readonly settings: Partial<HostSettings>;
  readonly nodes: number;
}

/** How long the supervisor (systemd, Kubernetes) waits before it starts a process that ended again. */
const RESTART_MS = [300, 1_500] as const;

/** Errors with which a node may rightly end, after its disk was made to fail. */
const DISK_ERRORS: ReadonlySet<string> = new Set(['DiskFailed', 'Corrupted']);

/** All machines of the cluster, and the supervisor that starts processes again when they end. */
export class SimulatedCluster {
  /** How many nodes it began with. */
  readonly size: number;
  readonly #options: ClusterOptions;
  readonly #nodes = new Map<string, SimulatedNode>();
  /** The addresses that clients are given. */
  readonly #founding: ReadonlySet<string>;
  readonly #supervision: Random;
  /** Nodes whose disk was made to fail: they may end by themselves. */
  readonly #excused = new Set<string>();
  /** Nodes that stay down until they are started by hand. */
  readonly #heldDown = new Set<string>();
  #created = 0;
  #lives = 0;
  #endedByDisk = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.size = options.nodes;
    this.#supervision = options.randomness.fork('supervision');
    const members = Array.from({ length: options.nodes }, () => this.#nextName());
    const peers = Object.fromEntries(members.map(({ address, id }) => [id, address]));
    this.#founding = new Set(Object.values(peers));
    for (const { address, id } of members) this.#create({ id, address, peers });
  }

  get nodes(): readonly SimulatedNode[] {
    return [...this.#nodes.values()];
  }

  get addresses(): readonly string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** How many times a process was started. */
  get lives(): number {
    return this.nodes.reduce((sum, node) => sum + node.lives, this.#lives);
  }

  /** How many times a node ended because its disk failed it. */
  get endedByDisk(): number {
    return this.#endedByDisk;
  }

  get up(): readonly SimulatedNode[] {
    return this.nodes.filter((node) => node.isUp);
  }

  /** The node that leads the latest term, as far as any knows. */
  get leader(): SimulatedNode | undefined {
    const leaders = this.up.filter((node) => node.raft?.isLeader);
    return leaders.toSorted((left, right) => (right.raft?.term ?? 0) - (left.raft?.term ?? 0))[0];
  }

  /** What checks see of all nodes that have started. */
  get probes(): readonly NodeProbe[] {
    return this.nodes.map(probeOf).filter((probe) => probe !== undefined);
  }

  node(id: string): SimulatedNode | undefined {
    return this.#nodes.get(id);
  }

  /**
   * Whether a client that was away for long could find nobody any more without this node. In the world outside, its
   * owner would tell it other addresses.
   */
  isLastKnown(node: SimulatedNode): boolean {
    const known = this.nodes.filter(({ address }) => this.#founding.has(address));
    return known.length === 1 && known[0] === node;
  }

  startAll(): void {
    this.#heldDown.clear();
    for (const node of this.nodes) node.start();
  }

  /** Ends a node's process and keeps it down until {@link release}. */
  hold(node: SimulatedNode, death: Death): void {
    this.#heldDown.add(node.id);
    node.kill(death);
  }

  release(node: SimulatedNode): void {
    if (this.#heldDown.delete(node.id)) node.start();
  }

  /** From now on the node may end by itself, because of its disk. */
  excuse(node: SimulatedNode): void {
    this.#excused.add(node.id);
  }

  /** A new machine, whose node asks to be taken in. */
  add(options: JoinOptions): SimulatedNode {
    const { address, id } = this.#nextName();
    const node = this.#create({
      id,
      address,
      peers: { [id]: address },
      join: { ...options, seeds: this.addresses },
    });
    node.start();
    return node;
  }

  /** The machine is given away. */
  drop(node: SimulatedNode): void {
    if (!this.#nodes.delete(node.id)) return;
    this.#lives += node.lives;
    node.decommission();
  }

  #nextName(): { readonly id: string; readonly address: string } {
    const id = `n${++this.#created}`;
    return { id, address: `${id}:1` };
  }

  #create(
    options: Pick<ConstructorParameters<typeof SimulatedNode>[0], 'id' | 'address' | 'peers' | 'join'>,
  ): SimulatedNode {
    const node = new SimulatedNode({
      ...this.#options,
      ...options,
      onEnded: (ended, error, phase) => this.#ended(ended, error, phase),
    });
    this.#nodes.set(node.id, node);
    return node;
  }

  #ended(node: SimulatedNode, error: unknown, phase: LifePhase): void {
    const { world } = this.#options;
    const code = error instanceof CodedError ? error.code : 'none';
    world.scheduler.note(node.id, 'ended', code);
    if (!this.#mayEnd(node, code, phase)) return world.fail(error);
    if (DISK_ERRORS.has(code)) this.#endedByDisk += 1;
    if (code === 'Corrupted') node.disk.noticed();
    // One who lost its disk waits for the operator.
    if (node.isWiped) return;
    world.after(millisecondsBetween(this.#supervision, ...RESTART_MS), 'restart', () => {
      if (!this.#heldDown.has(node.id)) node.start();
    });
  }

  #mayEnd(node: SimulatedNode, code: string, phase: LifePhase): boolean {
    if (DISK_ERRORS.has(code)) return this.#excused.has(node.id);
    // There is no room to begin a log, which nobody waits for yet; a log that goes on waits for room.
    if (code === 'DiskFull') return phase === 'starting' && node.disk.isFull;
    if (node.isWiped) return code === 'ClusterMismatch';
    // Nobody answered one who wants to enter, or the answer was that he was removed meanwhile.
    return !node.hasStarted && (code === 'Unavailable' || (code === 'InvalidArgument' && node.isNewcomer));
  }
}

export function probeOf(node: SimulatedNode): NodeProbe | undefined {
  const { id, isWiped, lives: life, machines, raft } = node;
  return raft && !isWiped ? { id, life, raft, machines } : undefined;
}
