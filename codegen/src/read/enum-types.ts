import { Node, type Symbol as TypeScriptSymbol, type Type } from 'ts-morph';
import type { TypeModel } from '../type-model.js';
import { type TypeContext, unsupported } from './type-context.js';

/** The values of an enum, in the order of its declaration; a number where one of them is computed. */
export function readEnum(symbol: TypeScriptSymbol): TypeModel {
  const values = symbol
    .getDeclarations()
    .filter(Node.isEnumDeclaration)
    .flatMap((declaration) => declaration.getMembers())
    .map((member) => member.getValue());
  const literals = values.filter((value) => value !== undefined);
  if (literals.length < values.length || literals.length === 0) return { kind: 'primitive', name: 'number' };
  return { kind: 'union', options: literals.map((value) => ({ kind: 'literal', value })) };
}

/** `Color.Red`, which is not the bare `'red'`. The only member of an enum is the enum. */
export function readEnumMember(context: TypeContext, type: Type): TypeModel {
  const member = type.getSymbol()?.getDeclarations().find(Node.isEnumMember);
  const value = member?.getValue();
  const symbol = member?.getParent().getSymbol();
  if (!member || !symbol || value === undefined) return unsupported('unresolved', type);
  const named = context.readNamed({ symbol, typeArguments: [] }, type);
  if (named.kind !== 'named' || member.getParent().getMembers().length === 1) return named;
  return { kind: 'enum-member', definition: named.definition, member: member.getName(), value };
}

/** Puts back together what the compiler has taken apart: all members of an enum are the enum. */
export function joinEnumMembers(context: TypeContext, options: readonly TypeModel[]): readonly TypeModel[] {
  const present = new Map<string, Set<string | number>>();
  for (const option of options) {
    if (option.kind !== 'enum-member') continue;
    const values = present.get(option.definition) ?? new Set();
    present.set(option.definition, values.add(option.value));
  }
  const whole = new Set(
    [...present].filter(([key, values]) => isWhole(context, key, values)).map(([key]) => key),
  );
  const others = options.filter((option) => option.kind !== 'enum-member' || !whole.has(option.definition));
  return [
    ...others,
    ...[...whole].map((key) => ({ kind: 'named', definition: key, typeArguments: [] }) as const),
  ];
}

function isWhole(context: TypeContext, definition: string, values: ReadonlySet<string | number>): boolean {
  const structure = context.definitions.get(definition)?.structure;
  const all = structure?.kind === 'union' ? structure.options : [];
  return all.every((option) => option.kind === 'literal' && values.has(option.value as string | number));
}
