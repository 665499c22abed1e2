import type { Schema } from '@decoraft/protocol';

type Types = Readonly<Record<string, Schema>>;

/** One of each kind that the wire carries, and which kinds of schema it is of. */
const SAMPLES: readonly (readonly [value: unknown, kinds: readonly Schema['kind'][]])[] = [
  [null, ['null']],
  [true, ['boolean']],
  [12.5, ['number']],
  [9n, ['bigint']],
  ['no such text', ['string']],
  [new Date(5), ['date']],
  [new Uint8Array([1]), ['bytes']],
  [[Symbol.for('no element').description], ['array', 'tuple']],
  [new Set(['no element']), ['set']],
  [new Map([['no key', 'no value']]), ['map']],
  [{ 'no such property': 'no value' }, ['object', 'record']],
];

/**
 * A value made from one that fits, so that it fits no more. Written without the checker: a kind that the schema has no
 * option of, somewhere in the value.
 *
 * @param pick A number from 0 up to, and not including, its argument.
 * @returns `undefined` where all values fit.
 */
export function misfitOf(
  schema: Schema,
  types: Types,
  value: unknown,
  pick: (below: number) => number,
): { readonly value: unknown } | undefined {
  const within = partsOf(resolve(schema, types), value);
  const part = within[pick(within.length + 1)];
  const inner = part && misfitOf(part.schema, types, part.value, pick);
  if (inner) return { value: part.replace(inner.value) };
  const kinds = kindsOf(schema, types);
  if (kinds.has('unknown')) return undefined;
  const others = SAMPLES.filter(([, of]) => !of.some((kind) => kinds.has(kind)));
  const sample = others[pick(others.length)];
  return sample && { value: sample[0] };
}

function resolve(schema: Schema, types: Types): Schema {
  const named = schema.kind === 'reference' ? types[schema.name] : undefined;
  return named ? resolve(named, types) : schema;
}

/** Of literals only the booleans are of a sample's kind: no fixture has the others among its literals. */
function kindsOf(schema: Schema, types: Types): ReadonlySet<Schema['kind']> {
  const resolved = resolve(schema, types);
  if (resolved.kind === 'literal' && typeof resolved.value === 'boolean') return new Set(['boolean']);
  if (resolved.kind !== 'union') return new Set([resolved.kind]);
  return new Set(resolved.options.flatMap((option) => [...kindsOf(option, types)]));
}

interface Part {
  readonly schema: Schema;
  readonly value: unknown;
  readonly replace: (by: unknown) => unknown;
}

/** What a value holds, where it is certain which schema that has: not in unions. */
function partsOf(schema: Schema, value: unknown): readonly Part[] {
  switch (schema.kind) {
    case 'array':
      return (value as unknown[]).map((held, at) => elementOf(value as unknown[], at, schema.element, held));
    case 'tuple':
      return (value as unknown[]).flatMap((held, at) => {
        const { schema: inner, optional } = schema.elements[at] ?? { schema: schema.rest, optional: false };
        return inner && !(optional && held === undefined)
          ? [elementOf(value as unknown[], at, inner, held)]
          : [];
      });
    case 'object':
      return schema.properties
        .filter(({ name }) => Object.hasOwn(value as object, name))
        .map(({ name, schema: inner }) => propertyOf(value as Record<string, unknown>, name, inner));
    case 'record':
      return Object.keys(value as object).map((name) =>
        propertyOf(value as Record<string, unknown>, name, schema.value),
      );
    case 'map':
      return [...(value as Map<unknown, unknown>)].map(([key, held]) => ({
        schema: schema.value,
        value: held,
        replace: (by) => new Map([...(value as Map<unknown, unknown>), [key, by]]),
      }));
    default:
      return [];
  }
}

function elementOf(list: readonly unknown[], at: number, schema: Schema, value: unknown): Part {
  return { schema, value, replace: (by) => list.with(at, by) };
}

function propertyOf(holder: Readonly<Record<string, unknown>>, name: string, schema: Schema): Part {
  const value = holder[name];
  return {
    schema,
    value,
    replace: (by) =>
      Object.fromEntries(Object.entries({ ...holder }).map(([key, held]) => [key, key === name ? by : held])),
  };
}
