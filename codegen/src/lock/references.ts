import type { Schema } from '@decoraft/protocol';
import type { LockedField, LockedOperation } from './lock.js';

type Types = Readonly<Record<string, Schema>>;

/** The schemas that an operation is made of. */
export function schemasOf({ parameters, rest, result, source }: LockedOperation): readonly Schema[] {
  return [
    ...parameters.map(({ schema }) => schema),
    ...(rest ? [rest.schema] : []),
    ...(source ? [source.item] : []),
    result,
  ];
}

/** Those of `types` that operations and fields refer to, and what these refer to. */
export function typesOf(
  operations: readonly LockedOperation[],
  fields: readonly LockedField[],
  types: Types,
): Types {
  const schemas = [...operations.flatMap(schemasOf), ...fields.map(({ schema }) => schema)];
  const names = new Set(namesBehind(schemas, types));
  return Object.fromEntries(Object.entries(types).filter(([name]) => names.has(name)));
}

/** The types, and for each name that has none, which is what the compiler calls something, one that is only itself. */
export function withOpaque(schemas: readonly Schema[], types: Types): Types {
  const opaque = [...namesBehind(schemas, types)].filter((name) => !Object.hasOwn(types, name));
  return { ...types, ...Object.fromEntries(opaque.map((name) => [name, itself(name)])) };
}

function itself(name: string): Schema {
  return { kind: 'literal', value: `the type ${name}` };
}

function namesBehind(schemas: readonly Schema[], types: Types): ReadonlySet<string> {
  const names = new Set<string>();
  const waiting = [...schemas];
  for (const schema of waiting) {
    if (schema.kind === 'reference') {
      if (names.has(schema.name)) continue;
      names.add(schema.name);
      const behind = Object.hasOwn(types, schema.name) ? types[schema.name] : undefined;
      if (behind) waiting.push(behind);
    } else waiting.push(...partsOf(schema));
  }
  return names;
}

function partsOf(schema: Schema): readonly Schema[] {
  switch (schema.kind) {
    case 'array':
    case 'set':
      return [schema.element];
    case 'tuple':
      return [...schema.elements.map((element) => element.schema), ...(schema.rest ? [schema.rest] : [])];
    case 'record':
      return [schema.value];
    case 'map':
      return [schema.key, schema.value];
    case 'object':
      return schema.properties.map((property) => property.schema);
    case 'union':
      return schema.options;
    default:
      return [];
  }
}
