import { CodedError } from '@decoraft/base';
import type { JoinOptions, RaftService } from '@decoraft/server';
import type { SimulatedCluster } from './cluster.js';
import type { SimulatedNode } from './simulated-node.js';
import type { World } from './world.js';

/** Between two looks at whether what was begun is done. */
const LOOK_MS = 500;

/**
 * The person who adds, removes and replaces nodes, hands leadership over and takes snapshots: through the same methods
 * as any other person, on a node that runs. What a fault leaves half done is ended once the faults are over.
 */
export class Operator {
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  /** Ids that are to be no members any more. */
  readonly #leaving = new Set<string>();
  #isTidying = false;
  #isLooking = false;

  constructor(world: World, cluster: SimulatedCluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  /** Whether nobody is on the way in or out. */
  get isIdle(): boolean {
    return this.#leaving.size === 0 && this.#cluster.nodes.every(({ hasStarted }) => hasStarted);
  }

  join(options: JoinOptions): void {
    this.#cluster.add(options);
  }

  /** Asks to remove a node; its machine is given away as soon as that is certain. */
  remove(node: SimulatedNode, by: SimulatedNode): void {
    this.#leave(node.id);
    this.#removeBy(by, node.id);
  }

  /** A disk is lost, and with it the member: it must be replaced, sooner or later. */
  lose(node: SimulatedNode): void {
    this.#leave(node.id);
    node.wipe();
  }

  /** A machine is given up for good; a new one takes its place. */
  replace(node: SimulatedNode): void {
    this.#leave(node.id);
    this.#cluster.drop(node);
    this.#cluster.add({ replaces: node.id });
  }

  /** Does something on a node that runs; what the node refuses is no concern of ours. */
  ask(node: SimulatedNode, what: string, call: (raft: RaftService) => Promise<unknown>): void {
    const { process, raft } = node;
    if (!process || !raft) return;
    process.schedule(0, what, () => {
      call(raft).then(
        () => this.#world.scheduler.note(node.id, 'done', what),
        (error: unknown) => {
          if (!(error instanceof CodedError)) return this.#world.fail(error);
          this.#world.scheduler.note(node.id, 'refused', `${what}: ${error.code}`);
        },
      );
    });
  }

  /** Ends what was begun and is not done; to be called when the faults are over. */
  tidyUp(): void {
    this.#isTidying = true;
  }

  #leave(id: string): void {
    this.#leaving.add(id);
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#world.after(LOOK_MS, 'look', () => this.#look());
  }

  #look(): void {
    const { leader } = this.#cluster;
    const members = new Set(leader?.raft?.members.map(({ id }) => id));
    for (const id of this.#leaving) {
      if (!leader) break;
      if (!members.has(id)) this.#left(id);
      else if (this.#isTidying) this.#removeBy(leader, id);
    }
    this.#isLooking = this.#leaving.size > 0;
    if (this.#isLooking) this.#world.after(LOOK_MS, 'look', () => this.#look());
  }

  #removeBy(by: SimulatedNode, id: string): void {
    this.ask(by, `remove ${id}`, async (raft) => {
      await raft.remove(id);
      this.#left(id);
    });
  }

  #left(id: string): void {
    this.#leaving.delete(id);
    const node = this.#cluster.node(id);
    if (node) this.#cluster.drop(node);
  }
}
