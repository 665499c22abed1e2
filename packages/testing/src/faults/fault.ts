import type { Random } from '@decoraft/base';
import type { SimulatedCluster } from '../cluster.js';
import type { Undo } from '../links.js';
import type { Operator } from '../operator.js';
import type { World } from '../world.js';

/** Everything that can go wrong in the simulated world. */
export type FaultKind =
  | 'kill'
  | 'power-cut'
  | 'split'
  | 'isolation'
  | 'one-way'
  | 'bridge'
  | 'flapping'
  | 'slow-link'
  | 'broken-connection'
  | 'half-open'
  | 'refused'
  | 'drop-storm'
  | 'duplicate-storm'
  | 'reorder-storm'
  | 'pause'
  | 'clock-jump'
  | 'clock-drift'
  | 'slow-disk'
  | 'disk-full'
  | 'flush-error'
  | 'bit-flip'
  | 'join'
  | 'remove'
  | 'replace'
  | 'transfer'
  | 'snapshot';

/** How often each kind strikes, relative to the others; a kind that is left out has its default. */
export type FaultWeights = Partial<Readonly<Record<FaultKind, number>>>;

/** What a fault strikes with. */
export interface Battlefield {
  readonly world: World;
  readonly cluster: SimulatedCluster;
  readonly operator: Operator;
  /** The names of the clients' machines. */
  readonly clients: readonly string[];
  /** This one fault's own randomness. */
  readonly random: Random;
}

/**
 * Begins a fault. Returns what ends it; `undefined` when there was nothing to strike. The end must be safe at any
 * later time, whatever happened between.
 */
export type Fault = (field: Battlefield) => Undo | undefined;

/** Ends by itself. */
export const nothingToUndo: Undo = () => undefined;
