import type { Operation } from '../history.js';
import type { Model, Observed, Step } from './model.js';
import { Timeline } from './timeline.js';

/** The farthest that any order came. */
export interface Impasse<State, Input, Output> {
  /** How many operations returned before `unexplained`. */
  readonly reached: number;
  /** The operation that returned first of all that are left, and that no order explains. */
  readonly unexplained: Operation<Input, Output>;
  /** The longest explainable prefix: everything that returned before `unexplained`, in an order that explains it. */
  readonly order: readonly Operation<Input, Output>[];
  /** The states in which `unexplained` was tried, in vain. At most {@link SHOWN_STATES}. */
  readonly states: readonly State[];
}

export type SearchResult<State, Input, Output> =
  | { readonly kind: 'found'; readonly order: readonly Operation<Input, Output>[]; readonly steps: number }
  | { readonly kind: 'none'; readonly impasse: Impasse<State, Input, Output>; readonly steps: number }
  | {
      readonly kind: 'undecided';
      readonly impasse: Impasse<State, Input, Output> | undefined;
      readonly steps: number;
    };

const SHOWN_STATES = 5;
/** How many of the results that need a place yet are asked whether they are still possible. */
const LOOK_AHEAD = 32;
const UNKNOWN: Observed<never> = { kind: 'unknown' };

/** One operation that was given its place, and what to go back to. */
interface Choice<State> {
  readonly place: number;
  readonly stateBefore: State;
  /** Whether another operation in its place could lead farther. */
  readonly hasAlternatives: boolean;
}

/**
 * Looks for an order of the operations that the model explains and that respects real time (Wing & Gong, "Testing and
 * verifying concurrent objects", 1993), remembering where it has been (Lowe, "Testing for linearizability", 2017):
 * the same operations placed, and the same state, have the same future.
 *
 * A read that may come next comes next: whatever order has it later also explains everything with it here.
 * Where the model knows that a result can no longer come about, nothing further is tried.
 * Operations that ended in the unknown need no place. They are tried last, and only where they change something; of
 * several with the same input, the one that was invoked first goes first, because they cannot be told apart.
 */
export function searchLinearization<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  maxSteps: number,
): SearchResult<State, Input, Output> {
  const timeline = new Timeline(operations);
  const visited = new Set<string>();
  const choices: Choice<State>[] = [];
  let state = model.initial();
  let candidate = timeline.firstCandidate();
  let steps = 0;
  let farthest = -1;
  let order: readonly Operation<Input, Output>[] = [];
  let states = new Map<string | number, State>();

  const placedOrder = (): readonly Operation<Input, Output>[] =>
    choices.map(({ place }) => timeline.operation(place));
  const impasse = (): Impasse<State, Input, Output> | undefined =>
    farthest < 0
      ? undefined
      : {
          reached: farthest,
          unexplained: timeline.returningAt(farthest),
          order,
          states: [...states.values()],
        };

  /** Nothing more fits here: remembers it when no order came farther. */
  function noteDeadEnd(): void {
    const reached = timeline.nextReturn();
    if (reached < farthest) return;
    if (reached > farthest) {
      farthest = reached;
      order = placedOrder();
      states = new Map();
    }
    if (states.size < SHOWN_STATES) states.set(model.key(state), state);
  }

  while (!timeline.isComplete) {
    if (candidate === undefined) {
      noteDeadEnd();
      const last = choices.pop();
      if (!last) return noOrder(impasse(), steps);
      state = last.stateBefore;
      timeline.takeBack(last.place);
      candidate = last.hasAlternatives ? timeline.candidateAfter(last.place) : undefined;
      continue;
    }
    if (steps >= maxSteps) return { kind: 'undecided', impasse: impasse(), steps };
    steps++;
    const next = tryStep(model, state, timeline.operation(candidate));
    if (next.ok) {
      timeline.place(candidate);
      const isDeadEnd = model.isPast !== undefined && somethingIsPast(model, next.state, timeline);
      const key = `${timeline.placedKey()}|${model.key(next.state)}`;
      if (!isDeadEnd && !visited.has(key)) {
        visited.add(key);
        const hasAlternatives = !changesNothing(model, timeline.operation(candidate));
        choices.push({ place: candidate, stateBefore: state, hasAlternatives });
        state = next.state;
        candidate = timeline.firstCandidate();
        continue;
      }
      timeline.takeBack(candidate);
    }
    candidate = timeline.candidateAfter(candidate);
  }
  return { kind: 'found', order: placedOrder(), steps };
}

function tryStep<State, Input, Output>(
  model: Model<State, Input, Output>,
  state: State,
  { input, outcome }: Operation<Input, Output>,
): Step<State> {
  if (outcome.kind === 'returned') return model.step(state, input, { kind: 'known', output: outcome.output });
  const step = model.step(state, input, UNKNOWN);
  // What changes nothing and was seen by nobody may as well never have happened.
  return step.ok && model.key(step.state) === model.key(state) ? { ok: false } : step;
}

function changesNothing<State, Input, Output>(
  model: Model<State, Input, Output>,
  { input, outcome }: Operation<Input, Output>,
): boolean {
  return outcome.kind === 'returned' && model.changesNothing?.(input, outcome.output) === true;
}

/** Whether one of the next results, which all need a place from here on, can no longer come about. */
function somethingIsPast<State, Input, Output>(
  model: Model<State, Input, Output>,
  state: State,
  timeline: Timeline<Input, Output>,
): boolean {
  return timeline.someOfTheNext(
    LOOK_AHEAD,
    ({ input, outcome }) =>
      outcome.kind === 'returned' && model.isPast?.(state, input, outcome.output) === true,
  );
}

function noOrder<State, Input, Output>(
  impasse: Impasse<State, Input, Output> | undefined,
  steps: number,
): SearchResult<State, Input, Output> {
  if (!impasse) throw new Error('a search without an order ends at an impasse');
  return { kind: 'none', impasse, steps };
}
