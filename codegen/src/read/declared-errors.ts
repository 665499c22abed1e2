import { type JSDoc, Node, type Symbol as TypeScriptSymbol, type Type, type TypeNode } from 'ts-morph';
import type { ErrorModel } from '../model.js';
import { readOptional } from './object-types.js';
import type { Locate } from './positions.js';
import type { TypeContext } from './type-context.js';

const TAGS: ReadonlySet<string> = new Set(['throws', 'exception']);

/**
 * What a comment says that a method throws: `@throws {Taken}`, where `Taken` is a class or a type whose `code` is a literal.
 * Other errors have no code by which a caller could tell them apart, and are words.
 */
export function readErrors(
  comment: JSDoc | undefined,
  types: TypeContext,
  locate: Locate,
): readonly ErrorModel[] {
  const tags = comment?.getTags().filter((tag) => TAGS.has(tag.getTagName())) ?? [];
  return tags.flatMap((tag) => {
    if (!Node.isJSDocThrowsTag(tag)) return [];
    const type = tag.getTypeExpression()?.getTypeNode().getType();
    const position = locate(tag);
    return optionsOf(type).flatMap((option) =>
      codesOf(option, types).map((code): ErrorModel => ({ code, position, ...readData(option, types) })),
    );
  });
}

function optionsOf(type: Type | undefined): readonly Type[] {
  if (!type) return [];
  return type.isUnion() ? type.getUnionTypes() : [type];
}

function codesOf(type: Type, types: TypeContext): readonly (string | number)[] {
  const symbol = type.getProperty('code');
  return optionsOf(symbol && types.typeOf(symbol)).flatMap((option) => {
    const value = option.getLiteralValue();
    return typeof value === 'string' || typeof value === 'number' ? [value] : [];
  });
}

function readData(type: Type, types: TypeContext): Pick<ErrorModel, 'data' | 'isDataOptional'> {
  const symbol = type.getProperty('data');
  if (!symbol) return { data: undefined, isDataOptional: true };
  const held = types.typeOf(symbol);
  const node = writtenOf(symbol);
  return symbol.isOptional()
    ? { data: readOptional(types, held, node), isDataOptional: true }
    : { data: types.read(held, node), isDataOptional: false };
}

function writtenOf(symbol: TypeScriptSymbol): TypeNode | undefined {
  const declaration = symbol.getValueDeclaration();
  return Node.isTyped(declaration) ? declaration.getTypeNode() : undefined;
}
