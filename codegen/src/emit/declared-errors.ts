import type { ErrorModel, MemberModel } from '../model.js';
import type { PropertyModel, TypeModel } from '../type-model.js';
import { unionOf } from '../union-model.js';
import type { Imports } from './imports.js';
import { brokenGroup, group, hardLine, ifBroken, indent, join, type Layout, line, list } from './layout.js';
import { emitLiteral, propertyName } from './literal.js';
import type { TypeText } from './type-text.js';

/** What the errors of a machine are called in its client's file. */
export interface ErrorNames {
  readonly errors: string;
  readonly guard: string;
}

/** `undefined` for a machine none of whose methods declares an error. */
export function errorNamesOf(machine: string, members: readonly MemberModel[]): ErrorNames | undefined {
  if (members.every(({ errors }) => errors.length === 0)) return undefined;
  return { errors: `${machine}Errors`, guard: `is${machine}Error` };
}

/** The errors of each method as a type, and the function by which a caller tells them apart. */
export function emitErrors(
  { errors, guard }: ErrorNames,
  members: readonly MemberModel[],
  {
    imports,
    types,
    client,
  }: { readonly imports: Imports; readonly types: TypeText; readonly client: string },
): Layout {
  const declaring = members.filter((member) => member.errors.length > 0);
  const properties = declaring.map((member) => propertyOf(member.name, typeOf(member.errors)));
  const codes = declaring.map((member) => [
    propertyName(member.name),
    ': ',
    list('[', [...new Set(member.errors.map(({ code }) => emitLiteral(code)))], ']'),
  ]);
  return [
    [hardLine, '/** What methods declare that they throw. */', hardLine],
    [`export interface ${errors} `, brokenGroup(types.emitOpenObject({ kind: 'object', properties }))],
    [hardLine, hardLine],
    '/** Whether an error is one that a method declares; its `data` has the code and the data of what was thrown. */',
    [hardLine, `export const ${guard} = ${imports.value(client, 'errorGuard')}<${errors}>(`],
    [group('{', indent(line, join([',', line], codes)), ifBroken(','), line, '}'), ');', hardLine],
  ];
}

function typeOf(errors: readonly ErrorModel[]): TypeModel {
  return unionOf(
    errors.map(({ code, data, isDataOptional }) => ({
      kind: 'object',
      properties: [
        propertyOf('code', { kind: 'literal', value: code }),
        ...(data ? [{ ...propertyOf('data', data), isOptional: isDataOptional }] : []),
      ],
    })),
  );
}

function propertyOf(name: string, type: TypeModel): PropertyModel {
  return { name, type, isOptional: false, isReadonly: true };
}
