import { type Model, sequentialModel } from '../model.js';

/** `by` is not negative. */
export type CounterInput = { readonly kind: 'read' } | { readonly kind: 'increment'; readonly by: number };

/** A sum. Both operations give its value after them, so that an increment executed twice shows. */
export function counterModel(initial = 0): Model<number, CounterInput, number> {
  return sequentialModel<number, CounterInput, number>({
    name: 'counter',
    initial: () => initial,
    apply: (state, input) => {
      const sum = input.kind === 'increment' ? state + input.by : state;
      return { state: sum, output: sum };
    },
    key: (state) => state,
    isPast: (state, input, output) => state + (input.kind === 'increment' ? input.by : 0) > output,
    changesNothing: (input) => input.kind === 'read',
  });
}
