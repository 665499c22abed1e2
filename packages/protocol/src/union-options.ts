import type { Schema } from './schema.js';
import { resolved, type Types } from './types.js';

/** What is no union and no reference any more. */
export type Shape = Exclude<Schema, { readonly kind: 'union' | 'reference' }>;

const BOOLEAN = { kind: 'boolean' } as const satisfies Shape;
const UNKNOWN = { kind: 'unknown' } as const satisfies Shape;

/**
 * The options of a union, and of the unions in it; anything else is its only option. What another option holds
 * already is left out: a literal beside its primitive, all beside `unknown`; `true` and `false` are `boolean`. Two
 * objects of one shape are still two options here.
 */
export function optionsOf(schema: Schema, types: Types): readonly Shape[] {
  const found = new Set<Shape>();
  gather(schema, types, found, new Set());
  const kinds = new Set([...found].map(({ kind }) => kind));
  if (kinds.has('unknown')) return [UNKNOWN];
  if (isLiteral(found, true) && isLiteral(found, false) && !kinds.has('boolean')) {
    kinds.add('boolean');
    found.add(BOOLEAN);
  }
  return [...found].filter((shape) => shape.kind !== 'literal' || !kinds.has(kindOfLiteral(shape)));
}

/** The primitive that a literal is a value of. */
export function kindOfLiteral({ value }: Schema & { readonly kind: 'literal' }): Shape['kind'] {
  return typeof value as 'string' | 'number' | 'boolean' | 'bigint';
}

function gather(schema: Schema, types: Types, found: Set<Shape>, seen: Set<Schema>): void {
  const shape = resolved(schema, types);
  if (seen.has(shape)) return;
  seen.add(shape);
  if (shape.kind === 'union') for (const option of shape.options) gather(option, types, found, seen);
  else if (shape.kind !== 'reference') found.add(shape);
}

function isLiteral(shapes: ReadonlySet<Shape>, value: boolean): boolean {
  return [...shapes].some((shape) => shape.kind === 'literal' && shape.value === value);
}
