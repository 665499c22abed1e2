import { unreachable } from '@decoraft/base';
import { type Model, sequentialModel } from '../model.js';

export type RegisterInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: number }
  | { readonly kind: 'compare-and-set'; readonly expected: number; readonly value: number };

/** A read gives the value, a write `null`, a compare-and-set whether it took place. */
export type RegisterOutput = number | boolean | null;

/** One number that is read, written, and written where it is as expected. */
export function registerModel(initial = 0): Model<number, RegisterInput, RegisterOutput> {
  return sequentialModel<number, RegisterInput, RegisterOutput>({
    name: 'register',
    initial: () => initial,
    apply: (state, input) => {
      switch (input.kind) {
        case 'read':
          return { state, output: state };
        case 'write':
          return { state: input.value, output: null };
        case 'compare-and-set':
          return state === input.expected ? { state: input.value, output: true } : { state, output: false };
        default:
          return unreachable(input);
      }
    },
    key: (state) => state,
    changesNothing: (input, output) => input.kind === 'read' || output === false,
  });
}
