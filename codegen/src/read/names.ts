import { Node, type Symbol as TypeScriptSymbol, ts, type Type, type TypeNode } from 'ts-morph';
import type { Library } from './library-types.js';
import { withoutAliases } from './origins.js';
import { argumentNodes, writtenAs } from './written-type.js';

/** A name that a type goes by: an alias, an interface or an enum of the user's. */
export interface TypeName {
  readonly symbol: TypeScriptSymbol;
  readonly typeArguments: readonly { readonly type: Type; readonly node: TypeNode | undefined }[];
}

/** The name as written, else the alias that the compiler remembers, else that of the declaration. */
export function findName(type: Type, written: TypeNode | undefined, library: Library): TypeName | undefined {
  return nameAsWritten(written, library) ?? nameOfAlias(type, library) ?? nameOfDeclaration(type, library);
}

/** The name that a reference node says, where it is one of the user's. */
export function nameAsWritten(written: TypeNode | undefined, library: Library): TypeName | undefined {
  if (!Node.isTypeReference(written)) return undefined;
  const found = written.getTypeName().getSymbol();
  const symbol = found && withoutAliases(found);
  if (!symbol || !isNameOfType(symbol) || library.has(symbol)) return undefined;
  return {
    symbol,
    typeArguments: argumentNodes(written).map((node) => ({ type: node.getType(), node })),
  };
}

function nameOfAlias(type: Type, library: Library): TypeName | undefined {
  const symbol = type.getAliasSymbol();
  if (!symbol || library.has(symbol)) return undefined;
  return { symbol, typeArguments: withoutNodes(type.getAliasTypeArguments()) };
}

function nameOfDeclaration(type: Type, library: Library): TypeName | undefined {
  const symbol = type.getSymbol();
  if (!symbol || library.typeOf(symbol)) return undefined;
  const isDeclared = (symbol.getFlags() & (ts.SymbolFlags.Interface | ts.SymbolFlags.Enum)) !== 0;
  if (!isDeclared || isClassSymbol(symbol)) return undefined;
  return { symbol, typeArguments: withoutNodes(type.getTypeArguments()) };
}

export function isClassSymbol(symbol: TypeScriptSymbol): boolean {
  return symbol.hasFlags(ts.SymbolFlags.Class);
}

function isNameOfType(symbol: TypeScriptSymbol): boolean {
  const { TypeAlias, Interface, Enum } = ts.SymbolFlags;
  return (symbol.getFlags() & (TypeAlias | Interface | Enum)) !== 0 && !isClassSymbol(symbol);
}

function withoutNodes(types: readonly Type[]): TypeName['typeArguments'] {
  return types.map((type) => ({ type, node: undefined }));
}

/** The node behind `type X = …`, where it says just what `type` is. */
export function aliasedNode(symbol: TypeScriptSymbol, type: Type): TypeNode | undefined {
  const alias = symbol.getDeclarations().find(Node.isTypeAliasDeclaration);
  return writtenAs(alias?.getTypeNode(), type);
}
