import type { Schema } from '@decoraft/protocol';
import { methodOf, operationOf, Schemas } from '../emit/schema.js';
import { firstNameOf, isRetired } from '../lasting.js';
import type { MemberModel, NamedClass, NamedMachine } from '../model.js';
import type { TypeModel } from '../type-model.js';
import type { CurrentClass, LockedField, LockedOperation } from './lock.js';

/**
 * What the lock would say of a class that has passed the checks.
 *
 * @param source Its file, relative to the lock.
 */
export function currentClass(model: NamedClass, source: string): CurrentClass {
  const state = model.kind === 'machine' ? model.state : undefined;
  const definitions = new Map([...(state?.definitions ?? []), ...model.definitions]);
  const schemas = new Schemas(definitions, schemaOfOpaque);
  const operations = model.members.map((member) => lockedOperation(model.kind, member, schemas));
  const fields = model.kind === 'machine' ? fieldsOf(model, schemas) : [];
  const version = model.kind === 'machine' ? model.version : undefined;
  return {
    kind: model.kind,
    name: model.name,
    source,
    version: version?.declared.kind === 'given' ? version.declared.version : 1,
    operations,
    state: { isOwn: state?.hooks.has('snapshot') === true, fields },
    types: schemas.types(),
    history: [],
    oldest: version?.oldest ?? 1,
    previous: version?.previous && (version.previous.machine?.name ?? ''),
    migrates: version?.migrate !== undefined,
    declared: new Set(state?.fields.filter(({ isDeclared }) => isDeclared).map(({ name }) => name)),
    derived: new Set(state?.fields.filter(({ isDerived }) => isDerived).map(({ name }) => name)),
    position: model.position,
    positions: new Map(model.members.map(({ name, position }) => [name, position])),
  };
}

function lockedOperation(kind: NamedClass['kind'], member: MemberModel, schemas: Schemas): LockedOperation {
  const { retired: _retired, ...operation } = {
    retired: undefined,
    ...(kind === 'service' ? methodOf(member, schemas) : operationOf(member, schemas)),
  };
  const first = kind === 'service' ? member.name : firstNameOf(member);
  return { ...operation, isRetired: isRetired(member), names: first === member.name ? [] : [first] };
}

function fieldsOf({ state }: NamedMachine, schemas: Schemas): readonly LockedField[] {
  if (state.hooks.has('snapshot')) return [];
  return state.fields.flatMap(({ name, type }) => (type ? [{ name, schema: schemas.of(type) }] : []));
}

/** What a snapshot keeps and the wire does not carry goes by what the compiler calls it, wherever it was found. */
function schemaOfOpaque({ fault, text }: TypeModel & { readonly kind: 'unsupported' }): Schema {
  if (fault === 'any' || fault === 'unknown') return { kind: 'unknown' };
  if (fault === 'never') return { kind: 'union', options: [] };
  // What memory an array shows is said by some versions of the compiler only.
  const name = text.replaceAll(/import\([^)]*\)\./g, '').replace(/^(\w+Array|ArrayBuffer)<.*>$/, '$1');
  return { kind: 'reference', name };
}
