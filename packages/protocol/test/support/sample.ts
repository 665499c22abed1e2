import type { Random } from '@decoraft/base';
import { resolved, type Types } from '../../src/types.js';
import type { PropertySchema, Schema } from '../../src/index.js';

const DEEP = 5;
export const STRINGS = ['red', 'blue', 's'];
export const NUMBERS = [0, 1, 2];
/** The names of all properties. */
const KEYS = ['a', 'b', 'c', 'd', 'value', 'next', 'other', 'children', 'inner'];

/** A random value of a schema: small ones, so that two schemas meet in them. */
export function sample(schema: Schema, types: Types, random: Random, depth = 0): unknown {
  const shape = resolved(schema, types);
  const pick = <Item>(items: readonly Item[]): Item => items.at(Math.floor(random() * items.length)) as Item;
  const inner = (of: Schema): unknown => sample(of, types, random, depth + 1);
  const several = (of: Schema): readonly unknown[] =>
    Array.from({ length: depth >= DEEP ? 0 : Math.floor(random() * 5) }, () => inner(of));
  switch (shape.kind) {
    case 'void':
      return undefined;
    case 'null':
      return null;
    case 'boolean':
      return random() < 0.5;
    case 'number':
      return pick(NUMBERS);
    case 'bigint':
      return pick([0n, 1n]);
    case 'string':
      return pick(STRINGS);
    case 'date':
      return new Date(0);
    case 'bytes':
      return new Uint8Array(1);
    case 'unknown':
      return pick([undefined, null, 1, 's', [], {}]);
    case 'literal':
      return shape.value;
    case 'array':
      return several(shape.element);
    case 'set':
      return new Set(several(shape.element));
    case 'map':
      return new Map(several(shape.value).map((value) => [inner(shape.key), value]));
    case 'record':
      return Object.fromEntries(several(shape.value).map((value) => [pick(KEYS), value]));
    case 'object':
      return Object.fromEntries(
        shape.properties.flatMap((property) => sampleProperty(property, inner, random, depth)),
      );
    case 'tuple': {
      const present = shape.elements.map((element) =>
        element.optional && random() < 0.3 ? undefined : inner(element.schema),
      );
      const optionalFrom = shape.elements.findIndex(({ optional }) => optional);
      if (optionalFrom >= 0 && random() < 0.4) return present.slice(0, optionalFrom);
      return [...present, ...(shape.rest ? several(shape.rest) : [])];
    }
    case 'union':
      return inner(pick(shape.options));
    default:
      throw new Error(`no sample of ${shape.kind}`);
  }
}

function sampleProperty(
  { name, schema, optional }: PropertySchema,
  inner: (of: Schema) => unknown,
  random: Random,
  depth: number,
): readonly (readonly [string, unknown])[] {
  if (!optional) return [[name, inner(schema)]];
  if (depth >= DEEP || random() < 0.4) return [];
  return [[name, random() < 0.3 ? undefined : inner(schema)]];
}
