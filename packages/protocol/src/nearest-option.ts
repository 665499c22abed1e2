import type { Schema } from './schema.js';
import type { Types } from './types.js';
import { optionsOf, type Shape } from './union-options.js';

type ObjectShape = Shape & { readonly kind: 'object' };

/** The one option of a union that an option of another was meant to be, where only one can be that: to tell what differs. */
export function nearestOf(
  shape: Shape,
  options: readonly Shape[],
  types: { readonly older: Types; readonly newer: Types },
): Shape | undefined {
  const near = options.filter((option) => {
    if (shape.kind === 'object' && option.kind === 'object') return !areTold(shape, option, types);
    return isContainer(shape) && groupOf(shape) === groupOf(option);
  });
  return near.length === 1 ? near[0] : undefined;
}

/** Whether a property tells two objects apart: it has literals only in both, and none in common. */
function areTold(
  older: ObjectShape,
  newer: ObjectShape,
  types: { readonly older: Types; readonly newer: Types },
): boolean {
  return older.properties.some(({ name, schema }) => {
    const other = newer.properties.find((property) => property.name === name);
    const left = literalsOf(schema, types.older);
    const right = other && literalsOf(other.schema, types.newer);
    return left && right ? left.every((value) => !right.includes(value)) : false;
  });
}

function literalsOf(schema: Schema, types: Types): readonly unknown[] | undefined {
  const values: unknown[] = [];
  for (const option of optionsOf(schema, types)) {
    if (option.kind !== 'literal') return undefined;
    values.push(option.value);
  }
  return values;
}

function isContainer({ kind }: Shape): boolean {
  return kind === 'array' || kind === 'tuple' || kind === 'record' || kind === 'map' || kind === 'set';
}

function groupOf({ kind }: Shape): string {
  return kind === 'tuple' ? 'array' : kind;
}
