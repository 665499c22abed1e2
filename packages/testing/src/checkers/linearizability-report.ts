import { describeOperation, type Operation, showValue } from '../history.js';
import type { Impasse } from './linearization-search.js';
import type { Model } from './model.js';

/** How much of the explained order is printed: what is long past seldom explains anything. */
const SHOWN_OPERATIONS = 12;

/** Says to a person which operation no order explains, and everything that he needs to judge it. */
export function explainImpasse<State, Input, Output>(
  model: Model<State, Input, Output>,
  part: string,
  operations: readonly Operation<Input, Output>[],
  { order, states, unexplained }: Impasse<State, Input, Output>,
): string {
  const describe = (operation: Operation<Input, Output>): string =>
    `  ${describeOperation(operation, model.show?.bind(model))}`;
  const showState = (state: State): string => `  ${model.showState?.(state) ?? showValue(state)}`;
  const shown = order.slice(-SHOWN_OPERATIONS);
  const hidden = order.length - shown.length;
  const placed = new Set(order);
  const open = operations.filter(
    (operation) => operation !== unexplained && !placed.has(operation) && isUnderWay(operation, unexplained),
  );
  return [
    `the ${model.name}${part && ` at ${showValue(part)}`} is not linearizable. No order explains`,
    describe(unexplained),
    'in any state that can be reached by then:',
    ...states.map(showState),
    `The longest explainable prefix, in an order that explains it${hidden > 0 ? ` (${hidden} before)` : ''}:`,
    ...shown.map(describe),
    ...(open.length > 0 ? ['Under way at that time, without a place yet:', ...open.map(describe)] : []),
  ].join('\n');
}

/** Invoked before the other returned, and not returned before it was invoked. */
function isUnderWay(operation: Operation, other: Operation): boolean {
  const end = other.outcome.kind === 'returned' ? other.outcome.at.sequence : Infinity;
  return operation.invoked.sequence < end;
}
