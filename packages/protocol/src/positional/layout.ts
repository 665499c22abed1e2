import type { Operation, Schema } from '../schema.js';
import { resolveType, type Types } from '../types.js';

/** What has positional arguments: an operation of a machine, or a method of a service. */
export type Positional = Pick<Operation, 'parameters' | 'rest'>;

/**
 * Whether there is anything to gain: without parameters there is nothing to say, and what has no type says itself what
 * it is, which is what MessagePack is for.
 */
export function travelsByPosition({ parameters, rest }: Positional, types: Types): boolean {
  const all = rest ? [...parameters, rest] : parameters;
  return all.length > 0 && all.every(({ schema }) => isTyped(schema, types, new Set()));
}

function isTyped(schema: Schema, types: Types, seen: Set<string>): boolean {
  const goOn = (part: Schema): boolean => isTyped(part, types, seen);
  switch (schema.kind) {
    case 'unknown':
      return false;
    case 'array':
    case 'set':
      return goOn(schema.element);
    case 'tuple':
      return schema.elements.every((element) => goOn(element.schema)) && (!schema.rest || goOn(schema.rest));
    case 'record':
      return goOn(schema.value);
    case 'map':
      return goOn(schema.key) && goOn(schema.value);
    case 'object':
      return schema.properties.every((property) => goOn(property.schema));
    case 'union':
      return schema.options.every(goOn);
    case 'reference':
      if (seen.has(schema.name)) return true;
      seen.add(schema.name);
      return goOn(resolveType(types, schema.name));
    default:
      return true;
  }
}
