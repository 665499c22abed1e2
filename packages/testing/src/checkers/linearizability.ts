import type { Operation } from '../history.js';
import { FactBroken } from './fact-broken.js';
import { explainImpasse } from './linearizability-report.js';
import { type Impasse, searchLinearization } from './linearization-search.js';
import type { Model } from './model.js';

/** A history's verdict. `steps` says how many operations were tried, over all parts. */
export type Linearizability<State, Input, Output> =
  | {
      readonly kind: 'linearizable';
      /** For each part, an order that explains it. */
      readonly orders: ReadonlyMap<string, readonly Operation<Input, Output>[]>;
      readonly steps: number;
    }
  | {
      readonly kind: 'not-linearizable';
      readonly part: string;
      readonly impasse: Impasse<State, Input, Output>;
      /** For a person: what no order explains, what does explain the rest, who else was under way. */
      readonly explanation: string;
      readonly steps: number;
    }
  | {
      /** The work limit came first. Nothing is proven: make parts smaller, or raise the limit. */
      readonly kind: 'undecided';
      readonly part: string;
      /** The farthest that was reached, a hint where to look. */
      readonly impasse: Impasse<State, Input, Output> | undefined;
      readonly steps: number;
    };

export interface LinearizabilityOptions {
  /** How many operations may be tried, over all parts. */
  readonly maxSteps?: number;
}

const DEFAULT_MAX_STEPS = 3_000_000;
const EXPLANATION_STEPS = 200_000;

/**
 * Whether the operations could have happened one at a time, each at some moment between its invocation and its return
 * (Herlihy & Wing 1990). Those of unknown outcome may have happened at any time after their invocation, or never; those
 * that failed for certain did not happen.
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  { maxSteps = DEFAULT_MAX_STEPS }: LinearizabilityOptions = {},
): Linearizability<State, Input, Output> {
  const orders = new Map<string, readonly Operation<Input, Output>[]>();
  let steps = 0;
  for (const [part, partial] of partsOf(model, operations)) {
    const result = searchLinearization(model, partial, maxSteps - steps);
    steps += result.steps;
    switch (result.kind) {
      case 'found':
        orders.set(part, result.order);
        break;
      case 'none': {
        const impasse = farthestImpasse(model, partial, result.impasse);
        const explanation = explainImpasse(model, part, partial, impasse);
        return { kind: 'not-linearizable', part, impasse, explanation, steps };
      }
      case 'undecided':
        return { kind: 'undecided', part, impasse: result.impasse, steps };
    }
  }
  return { kind: 'linearizable', orders, steps };
}

/**
 * Throws {@link FactBroken} with the explanation for a history that is not linearizable; gives the verdict otherwise,
 * which may be `undecided`.
 */
export function mustBeLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): Exclude<Linearizability<State, Input, Output>, { readonly kind: 'not-linearizable' }> {
  const verdict = checkLinearizability(model, operations, options);
  if (verdict.kind !== 'not-linearizable') return verdict;
  const { unexplained } = verdict.impasse;
  throw new FactBroken({
    fact: 'linearizability',
    finding: verdict.explanation,
    nodes: [unexplained.process],
    indexes: [],
  });
}

/**
 * A search that gives up as soon as a later result is past stops early, before what is under way is explained. Without
 * that, it comes as far as any order can; it is a limited one, since the verdict stands already.
 */
function farthestImpasse<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  impasse: Impasse<State, Input, Output>,
): Impasse<State, Input, Output> {
  if (!model.isPast) return impasse;
  const patient: Model<State, Input, Output> = { ...model, isPast: () => false };
  const result = searchLinearization(patient, operations, EXPLANATION_STEPS);
  return result.kind !== 'found' && result.impasse && result.impasse.reached > impasse.reached
    ? result.impasse
    : impasse;
}

function partsOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): ReadonlyMap<string, readonly Operation<Input, Output>[]> {
  const parts = new Map<string, Operation<Input, Output>[]>();
  for (const operation of operations) {
    if (operation.outcome.kind === 'failed') continue;
    const part = model.partOf?.(operation.input) ?? '';
    const known = parts.get(part);
    if (known) known.push(operation);
    else parts.set(part, [operation]);
  }
  return parts;
}
