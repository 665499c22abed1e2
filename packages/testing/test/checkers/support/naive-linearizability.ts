import type { Model, Operation } from '../../../src/index.js';

/** Tries every order of every subset that contains all known results. For a handful of operations only. */
export function isLinearizableNaively<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): boolean {
  const happened = operations.filter(({ outcome }) => outcome.kind !== 'failed');
  const parts = new Set(happened.map(({ input }) => model.partOf?.(input)));
  return [...parts].every((part) =>
    canFinish(
      model,
      model.initial(),
      happened.filter(({ input }) => model.partOf?.(input) === part),
    ),
  );
}

function canFinish<State, Input, Output>(
  model: Model<State, Input, Output>,
  state: State,
  left: readonly Operation<Input, Output>[],
): boolean {
  if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
  return left.some((operation) => {
    const { invoked, input, outcome } = operation;
    const comesAfterAnother = left.some(
      (other) => other.outcome.kind === 'returned' && other.outcome.at.sequence < invoked.sequence,
    );
    if (comesAfterAnother) return false;
    const observed =
      outcome.kind === 'returned'
        ? ({ kind: 'known', output: outcome.output } as const)
        : ({ kind: 'unknown' } as const);
    const step = model.step(state, input, observed);
    const others = left.filter((other) => other !== operation);
    return step.ok && canFinish(model, step.state, others);
  });
}
