import { CodedError, type Random } from '@decoraft/base';
import type { HostSettings } from '@decoraft/host';
import type { NodeProbe } from './check.js';
import type { Machines } from './options.js';
import { millisecondsBetween, type Randomness } from './randomness.js';
import { type Death, SimulatedNode } from './simulated-node.js';
import type { World } from './world.js';

export interface ClusterOptions {
  readonly world: World;
  readonly randomness: Randomness;
  readonly machines: Machines;
  readonly settings: Partial<HostSettings>;
  readonly nodes: number;
}

/** How long the supervisor (systemd, Kubernetes) waits before it starts a process that ended again. */
const RESTART_MS = [300, 1_500] as const;

/** Errors with which a node may rightly end, after its disk was made to fail. */
const DISK_ERRORS: ReadonlySet<string> = new Set(['DiskFailed', 'Corrupted']);

/** All machines of the cluster, and the supervisor that starts processes again when they end. */
export class SimulatedCluster {
  readonly #options: ClusterOptions;
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #supervision: Random;
  /** Nodes whose disk was made to fail: they may end by themselves. */
  readonly #excused = new Set<string>();
  /** Nodes that stay down until they are started by hand. */
  readonly #heldDown = new Set<string>();
  #endedByDisk = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#supervision = options.randomness.fork('supervision');
    const peers = Object.fromEntries(
      Array.from({ length: options.nodes }, (_, at) => [`n${at + 1}`, `n${at + 1}:1`]),
    );
    for (const [id, address] of Object.entries(peers)) this.#create(id, address, peers);
  }

  get nodes(): readonly SimulatedNode[] {
    return [...this.#nodes.values()];
  }

  get addresses(): readonly string[] {
    return this.nodes.map(({ address }) => address);
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

  #create(id: string, address: string, peers: Readonly<Record<string, string>>): void {
    const node = new SimulatedNode({
      ...this.#options,
      id,
      address,
      peers,
      onEnded: (ended, error) => this.#ended(ended, error),
    });
    this.#nodes.set(id, node);
  }

  #ended(node: SimulatedNode, error: unknown): void {
    const { world } = this.#options;
    const { code } = error instanceof CodedError ? error : { code: 'none' };
    world.scheduler.note(node.id, 'ended', code);
    if (!DISK_ERRORS.has(code) || !this.#excused.has(node.id)) return world.fail(error);
    this.#endedByDisk += 1;
    world.after(millisecondsBetween(this.#supervision, ...RESTART_MS), 'restart', () => {
      if (!this.#heldDown.has(node.id)) node.start();
    });
  }
}

export function probeOf(node: SimulatedNode): NodeProbe | undefined {
  const { id, lives: life, machines, raft } = node;
  return raft && { id, life, raft, machines };
}
