import type { Random } from '@decoraft/base';
import { choose } from '../randomness.js';
import { bitFlip, diskFull, flushError, slowDisk } from './disk-faults.js';
import type { Fault, FaultKind, FaultWeights } from './fault.js';
import {
  bridge,
  brokenConnection,
  dropStorm,
  duplicateStorm,
  flapping,
  isolation,
  oneWay,
  refused,
  reorderStorm,
  slowLink,
  split,
} from './network-faults.js';
import { join, remove, replace, snapshot, transfer } from './operator-faults.js';
import { clockDrift, clockJump, death, pause } from './process-faults.js';

/** A kind of fault on the menu. */
export interface Dish {
  readonly begin: Fault;
  readonly weight: number;
  /** How long it lasts, in virtual milliseconds. */
  readonly durationMs: readonly [number, number];
}

export const MENU: Readonly<Record<FaultKind, Dish>> = {
  kill: { begin: death('killed'), weight: 4, durationMs: [50, 4_000] },
  'power-cut': { begin: death('power-cut'), weight: 4, durationMs: [50, 4_000] },
  split: { begin: split, weight: 3, durationMs: [200, 6_000] },
  isolation: { begin: isolation, weight: 3, durationMs: [200, 6_000] },
  'one-way': { begin: oneWay, weight: 2, durationMs: [200, 6_000] },
  bridge: { begin: bridge, weight: 2, durationMs: [200, 6_000] },
  flapping: { begin: flapping, weight: 2, durationMs: [500, 6_000] },
  'slow-link': { begin: slowLink, weight: 2, durationMs: [200, 5_000] },
  'broken-connection': { begin: brokenConnection('cut'), weight: 2, durationMs: [0, 1] },
  'half-open': { begin: brokenConnection('half-open'), weight: 2, durationMs: [0, 1] },
  refused: { begin: refused, weight: 1, durationMs: [200, 3_000] },
  'drop-storm': { begin: dropStorm, weight: 2, durationMs: [500, 6_000] },
  'duplicate-storm': { begin: duplicateStorm, weight: 2, durationMs: [500, 6_000] },
  'reorder-storm': { begin: reorderStorm, weight: 2, durationMs: [500, 6_000] },
  pause: { begin: pause, weight: 3, durationMs: [20, 3_000] },
  'clock-jump': { begin: clockJump, weight: 2, durationMs: [0, 1] },
  'clock-drift': { begin: clockDrift, weight: 2, durationMs: [500, 8_000] },
  'slow-disk': { begin: slowDisk, weight: 2, durationMs: [200, 4_000] },
  'disk-full': { begin: diskFull, weight: 1, durationMs: [200, 4_000] },
  'flush-error': { begin: flushError, weight: 1, durationMs: [0, 1] },
  'bit-flip': { begin: bitFlip, weight: 1, durationMs: [500, 2_500] },
  join: { begin: join, weight: 2, durationMs: [0, 1] },
  remove: { begin: remove, weight: 2, durationMs: [0, 1] },
  replace: { begin: replace, weight: 2, durationMs: [500, 4_000] },
  transfer: { begin: transfer, weight: 3, durationMs: [0, 1] },
  snapshot: { begin: snapshot, weight: 3, durationMs: [0, 1] },
};

/** In a fixed order: a schedule is drawn from it. */
export const FAULT_KINDS = Object.keys(MENU) as readonly FaultKind[];

/** How much more often than usual a kind strikes in one run. */
const SWARM = [0, 0.5, 1, 3] as const;

/**
 * The weights of one run. Kinds for which none is given have another one in each run, often 0: runs that all have a
 * bit of everything resemble each other, and what only shows where something is missing never happens (Groce et al.,
 * "Swarm testing", ISSTA 2012).
 */
export function weightsOf(random: Random, given: FaultWeights | 'none' = {}): ReadonlyMap<FaultKind, number> {
  return new Map(
    FAULT_KINDS.map((kind) => {
      const factor = choose(random, SWARM);
      return [kind, given === 'none' ? 0 : (given[kind] ?? MENU[kind].weight * factor)] as const;
    }),
  );
}
