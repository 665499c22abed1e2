import type { SimulatedCluster } from './cluster.js';
import type { FaultKind } from './faults/fault.js';
import { MENU } from './faults/menu.js';
import type { PlannedFault } from './faults/schedule.js';
import type { Undo } from './links.js';
import type { Operator } from './operator.js';
import type { Randomness } from './randomness.js';
import type { World } from './world.js';

export interface ConductorOptions {
  readonly world: World;
  readonly cluster: SimulatedCluster;
  readonly operator: Operator;
  readonly clients: readonly string[];
  readonly randomness: Randomness;
}

/** Lets planned faults begin and end, and ends all of them when it is told to. */
export class FaultConductor {
  readonly counts = new Map<FaultKind, number>();
  readonly #options: ConductorOptions;
  readonly #running = new Set<Undo>();
  #isOver = false;

  constructor(options: ConductorOptions) {
    this.#options = options;
  }

  plan(faults: readonly PlannedFault[]): void {
    for (const fault of faults) this.#options.world.after(fault.atMs, 'fault', () => this.#begin(fault));
  }

  /** The end of all faults; none begins any more. */
  end(): void {
    this.#isOver = true;
    for (const undo of this.#running) undo();
    this.#running.clear();
  }

  #begin({ durationMs, id, kind }: PlannedFault): void {
    if (this.#isOver) return;
    const { randomness, world } = this.#options;
    const undo = MENU[kind].begin({ ...this.#options, random: randomness.fork(`fault ${id}`) });
    world.scheduler.note('world', undo ? 'fault' : 'no fault', `${kind} (#${id})`);
    if (!undo) return;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#running.add(undo);
    world.after(durationMs, 'heal', () => {
      if (!this.#running.delete(undo)) return;
      world.scheduler.note('world', 'healed', `${kind} (#${id})`);
      undo();
    });
  }
}
