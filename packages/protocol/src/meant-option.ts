import { isPlainObject } from './plain-data.js';
import type { Schema } from './schema.js';
import { resolveType, type Types } from './types.js';

type UnionSchema = Schema & { readonly kind: 'union' };
type ObjectSchema = Schema & { readonly kind: 'object' };

/** What a person meant by a value that fits no option of a union. */
export type Meant =
  | { readonly kind: 'option'; readonly option: Schema }
  /** A property that tells the options apart has none of their values. */
  | { readonly kind: 'tag'; readonly name: string; readonly tag: unknown; readonly expected: Schema };

/**
 * Of the options that a value does not fit, the one to compare it with: that whose literal properties it has
 * (`kind: 'circle'`), or the only object. `undefined` where several could be meant.
 */
export function meantOption(union: UnionSchema, types: Types, value: unknown): Meant | undefined {
  if (!isPlainObject(value)) return undefined;
  const options = optionsOf(union, types);
  if (options.some(({ kind }) => kind === 'record')) return undefined;
  const objects = options.filter((option) => option.kind === 'object');
  const [option, ...others] = objects.filter((each) =>
    tagsOf(each).every(({ name, value: tag }) => ownValue(value, name) === tag),
  );
  if (option && others.length === 0) return { kind: 'option', option };
  return option ? undefined : wrongTag(objects, value);
}

function wrongTag(
  objects: readonly ObjectSchema[],
  value: Readonly<Record<string, unknown>>,
): Meant | undefined {
  const [first, ...others] = objects.map(tagsOf);
  const common = first?.find(({ name }) => others.every((tags) => tags.some((tag) => tag.name === name)));
  if (!common) return undefined;
  const { name } = common;
  const tags = objects.flatMap(tagsOf).filter((tag) => tag.name === name);
  const literals = [...new Set(tags.map((tag) => tag.value))];
  const expected: Schema = {
    kind: 'union',
    options: literals.map((each) => ({ kind: 'literal', value: each })),
  };
  return { kind: 'tag', name, tag: ownValue(value, name), expected };
}

function tagsOf({ properties }: ObjectSchema) {
  return properties.flatMap(({ name, optional, schema }) =>
    schema.kind === 'literal' && !optional ? [{ name, value: schema.value }] : [],
  );
}

function ownValue(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Without the unions in it; a type that is nothing but itself has none. */
function optionsOf(schema: Schema, types: Types, seen: ReadonlySet<string> = new Set()): readonly Schema[] {
  if (schema.kind === 'union') return schema.options.flatMap((option) => optionsOf(option, types, seen));
  if (schema.kind !== 'reference') return [schema];
  if (seen.has(schema.name)) return [];
  return optionsOf(resolveType(types, schema.name), types, new Set([...seen, schema.name]));
}
