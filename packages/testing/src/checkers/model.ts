import { showOutcome, showValue, type Outcome } from '../history.js';

/** What a caller saw of a result: nothing, when its call ended in the unknown. */
export type Observed<Output> =
  { readonly kind: 'known'; readonly output: Output } | { readonly kind: 'unknown' };

export type Step<State> = { readonly ok: true; readonly state: State } | { readonly ok: false };

/** What one machine would do if all calls came one after another. States are values: `step` changes none. */
export interface Model<State, Input, Output> {
  readonly name: string;
  initial(): State;
  /** The state after `input`; not `ok` when `input` cannot have given what was observed. Any result is possible when none was. */
  step(state: State, input: Input, observed: Observed<Output>): Step<State>;
  /** Equal for equal states, different for different ones. */
  key(state: State): string | number;
  /**
   * Whether an operation with this result leaves every state, in which it is possible, as it is: reads, and writes that
   * were refused. Optional: it only saves work, much of it where many read at once.
   */
  changesNothing?(input: Input, output: Output): boolean;
  /**
   * Whether this result can come about neither in this state nor in any that may follow: a counter that only grows never
   * is what it was. Optional: it saves much work where calls end in the unknown, because a wrong guess is seen at once.
   */
  isPast?(state: State, input: Input, output: Output): boolean;
  /** Operations of different parts never influence each other, and are checked apart. Without it there is one part. */
  partOf?(input: Input): string;
  /** For reports. */
  show?(input: Input, outcome: Outcome<Output>): string;
  /** For reports. */
  showState?(state: State): string;
}

/** A machine whose results follow from state and input. */
export interface SequentialMachine<State, Input, Output> {
  readonly name: string;
  initial(): State;
  /** Pure: the next state is a new value. */
  apply(state: State, input: Input): { readonly state: State; readonly output: Output };
  key(state: State): string | number;
  /** Without it, results are compared as JSON. */
  sameOutput?(left: Output, right: Output): boolean;
  /** As in {@link Model}. */
  changesNothing?(input: Input, output: Output): boolean;
  /** As in {@link Model}. */
  isPast?(state: State, input: Input, output: Output): boolean;
  partOf?(input: Input): string;
  show?(input: Input, outcome: Outcome<Output>): string;
  showState?(state: State): string;
}

/** The model of a deterministic machine: an operation is possible when the machine would have answered the same. */
export function sequentialModel<State, Input, Output>(
  machine: SequentialMachine<State, Input, Output>,
): Model<State, Input, Output> {
  const same = machine.sameOutput?.bind(machine) ?? sameAsJson;
  return {
    name: machine.name,
    initial: () => machine.initial(),
    step: (state, input, observed) => {
      const applied = machine.apply(state, input);
      const ok = observed.kind === 'unknown' || same(applied.output, observed.output);
      return ok ? { ok, state: applied.state } : { ok };
    },
    key: (state) => machine.key(state),
    ...(machine.changesNothing && { changesNothing: machine.changesNothing.bind(machine) }),
    ...(machine.isPast && { isPast: machine.isPast.bind(machine) }),
    ...(machine.partOf && { partOf: machine.partOf.bind(machine) }),
    show: (input, outcome) =>
      machine.show?.(input, outcome) ?? `${showValue(input)} → ${showOutcome(outcome)}`,
    showState: (state) => machine.showState?.(state) ?? showValue(state),
  };
}

function sameAsJson(left: unknown, right: unknown): boolean {
  return left === right || showValue(left) === showValue(right);
}
