import type { Random } from '@decoraft/base';
import { millisecondsBetween } from '../randomness.js';
import type { FaultKind } from './fault.js';
import { MENU } from './menu.js';

/** A fault that will happen. Whom it strikes is decided when it does, by a randomness of its own. */
export interface PlannedFault {
  /** Its place in the schedule: its name for the shrinker, and the seed of its choices. */
  readonly id: number;
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly durationMs: number;
}

/** Draws the faults of a run: what, when, and for how long. */
export function drawSchedule(options: {
  readonly random: Random;
  readonly weights: ReadonlyMap<FaultKind, number>;
  readonly durationMs: number;
  readonly everyMs: number;
}): readonly PlannedFault[] {
  const { durationMs, everyMs, random, weights } = options;
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) return [];
  const faults: PlannedFault[] = [];
  for (let atMs = gap(random, everyMs); atMs < durationMs; atMs += gap(random, everyMs)) {
    const kind = draw(weights, random() * total);
    const duration = millisecondsBetween(random, ...MENU[kind].durationMs);
    faults.push({ id: faults.length, kind, atMs, durationMs: duration });
  }
  return faults;
}

/** Sometimes several at once, sometimes a while nothing. */
function gap(random: Random, meanMs: number): number {
  const part = random();
  // Products only: the last digit of a logarithm may differ from engine to engine.
  return Math.round(part * part * 3 * meanMs * 1_000) / 1_000;
}

function draw(weights: ReadonlyMap<FaultKind, number>, ticket: number): FaultKind {
  let left = ticket;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  throw new RangeError('the weights do not add up');
}
