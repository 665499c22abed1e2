import type { PropertySchema, Schema } from '../../src/index.js';

/** Schemas in few words, for tests. */
export const number: Schema = { kind: 'number' };
export const string: Schema = { kind: 'string' };
export const VOID: Schema = { kind: 'void' };

export const literal = (value: string | number | boolean | bigint): Schema => ({ kind: 'literal', value });
export const array = (element: Schema): Schema => ({ kind: 'array', element });
export const union = (...options: readonly Schema[]): Schema => ({ kind: 'union', options });
export const reference = (name: string): Schema => ({ kind: 'reference', name });

/** A name that ends in `?` is that of an optional property. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  const read = ([name, schema]: [string, Schema]): PropertySchema => ({
    name: name.replace(/\?$/, ''),
    schema,
    optional: name.endsWith('?'),
  });
  return { kind: 'object', properties: Object.entries(properties).map(read) };
}

export function tuple(
  schemas: readonly Schema[],
  { optionalFrom = schemas.length, rest }: { readonly optionalFrom?: number; readonly rest?: Schema } = {},
): Schema {
  const elements = schemas.map((schema, at) => ({ schema, optional: at >= optionalFrom }));
  return { kind: 'tuple', elements, ...(rest && { rest }) };
}
