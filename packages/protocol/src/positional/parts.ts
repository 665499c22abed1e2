import { compareText } from '@decoraft/base';
import type { PropertySchema, Schema } from '../schema.js';
import { canonicalOptions } from '../schema-text.js';
import type { Types } from '../types.js';
import type { Shape } from '../union-options.js';

/** Properties in the order in which they stand among bytes: those that are always there first, and each by their names. */
export function partsOfObject({ properties }: Schema & { readonly kind: 'object' }): {
  readonly required: readonly PropertySchema[];
  readonly optional: readonly PropertySchema[];
} {
  const sorted = properties.toSorted((left, right) => compareText(left.name, right.name));
  return {
    required: sorted.filter(({ optional }) => !optional),
    optional: sorted.filter(({ optional }) => optional),
  };
}

const known = new WeakMap<Types, WeakMap<Schema, readonly Shape[]>>();

/** {@link canonicalOptions}, worked out once. */
export function optionsOfUnion(schema: Schema, types: Types): readonly Shape[] {
  const ofTypes = known.get(types) ?? new WeakMap<Schema, readonly Shape[]>();
  known.set(types, ofTypes);
  const options = ofTypes.get(schema) ?? canonicalOptions(schema, types);
  ofTypes.set(schema, options);
  return options;
}
