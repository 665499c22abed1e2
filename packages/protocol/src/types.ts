import { DecoraftError } from './errors.js';
import type { Schema } from './schema.js';

/** The named types of a table. */
export type Types = Readonly<Record<string, Schema>>;

/** @throws DecoraftError `Internal` when the table has no type of this name. */
export function resolveType(types: Types, name: string): Schema {
  const schema = Object.hasOwn(types, name) ? types[name] : undefined;
  if (!schema) throw new DecoraftError('Internal', `the operation table has no type ${name}`);
  return schema;
}

/** What stands behind a name, and behind the name that is behind it. Anything else is itself. */
export function resolved(schema: Schema, types: Types): Schema {
  const names = new Set<string>();
  let found = schema;
  while (found.kind === 'reference') {
    if (names.has(found.name)) throw new DecoraftError('Internal', `the type ${found.name} is only itself`);
    names.add(found.name);
    found = resolveType(types, found.name);
  }
  return found;
}
