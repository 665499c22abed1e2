import { unreachable } from '@decoraft/base';
import { type Model, sequentialModel } from '../model.js';

export type KeyValueInput =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'set'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string };

/** A get gives the value, set and delete the one before; `null` where there is none. */
export type KeyValueOutput = string | null;

/** A map from strings to strings. Its keys know nothing of each other, so that each is checked alone. */
export function keyValueModel(): Model<string | null, KeyValueInput, KeyValueOutput> {
  return sequentialModel<string | null, KeyValueInput, KeyValueOutput>({
    name: 'key-value map',
    initial: () => null,
    apply: (state, input) => {
      switch (input.kind) {
        case 'get':
          return { state, output: state };
        case 'set':
          return { state: input.value, output: state };
        case 'delete':
          return { state: null, output: state };
        default:
          return unreachable(input);
      }
    },
    // Nothing, and the text that looks like it, are different states.
    key: (state) => (state === null ? 'nothing' : `=${state}`),
    changesNothing: (input) => input.kind === 'get',
    partOf: (input) => input.key,
  });
}
