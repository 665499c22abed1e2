import {
  type ClassDeclaration,
  Node,
  type Symbol as TypeScriptSymbol,
  ts,
  type Type,
  type TypeNode,
  type TypeReferenceNode,
} from 'ts-morph';
import type { Definition, Definitions, TypeModel } from '../type-model.js';
import { keyOfType } from '../union-model.js';
import type { DecoraftWords } from './decoraft-words.js';
import { readEnum, readEnumMember } from './enum-types.js';
import type { Library } from './library-types.js';
import { aliasedNode, findName, nameAsWritten, type TypeName } from './names.js';
import { readIntersection } from './intersection-types.js';
import { readObject } from './object-types.js';
import type { Origins } from './origins.js';
import { readTuple } from './tuple-types.js';
import { type TypeContext, unsupported } from './type-context.js';
import { findUnchecked } from './unchecked.js';
import { readUnion } from './union-types.js';
import { elementNode, writtenAs } from './written-type.js';

/** Types that are built from themselves with ever new arguments have no end; nobody writes deeper than this. */
const DEPTH_LIMIT = 64;
const DEFINITIONS_LIMIT = 1_000;

/** Reads the types of one machine into plain models, and gathers what their names stand for. */
export class TypeReader implements TypeContext {
  readonly library: Library;
  readonly #origins: Origins;
  readonly #machine: ClassDeclaration;
  readonly #definitions = new Map<string, Definition>();
  readonly #words: DecoraftWords;
  #depth = 0;

  constructor(machine: ClassDeclaration, library: Library, origins: Origins, words: DecoraftWords) {
    this.#machine = machine;
    this.library = library;
    this.#origins = origins;
    this.#words = words;
  }

  get definitions(): Definitions {
    return this.#definitions;
  }

  typeOf(symbol: TypeScriptSymbol): Type {
    return symbol.getTypeAtLocation(this.#machine);
  }

  read(type: Type, node: TypeNode | undefined): TypeModel {
    if (this.#depth >= DEPTH_LIMIT || this.#definitions.size >= DEFINITIONS_LIMIT) {
      return unsupported('too-deep', type);
    }
    this.#depth++;
    try {
      const written = writtenAs(node, type);
      const marked = findUnchecked(written, this.#words);
      if (marked) return this.#readUnchecked(marked);
      const name = isFaulty(type) ? undefined : findName(type, written, this.library);
      return name ? this.readNamed(name, type, written) : this.#readStructure(type, written);
    } finally {
      this.#depth--;
    }
  }

  #readUnchecked(marked: TypeReferenceNode): TypeModel {
    const [shown] = marked.getTypeArguments();
    const type = shown?.getType();
    const isKnown = type !== undefined && !type.isUnknown() && !type.isAny();
    return { kind: 'unchecked', type: isKnown ? this.read(type, shown) : undefined };
  }

  readNamed({ symbol, typeArguments }: TypeName, type: Type, written?: TypeNode): TypeModel {
    const models = typeArguments.map((argument) => this.read(argument.type, argument.node));
    const definition = keyOf(symbol, models);
    if (!this.#definitions.has(definition)) {
      const machineFile = this.#machine.getSourceFile();
      const users = written ? [written.getSourceFile(), machineFile] : [machineFile];
      const described = {
        name: declaredName(symbol),
        origin: this.#origins.find(symbol, users),
        isEnum: symbol.hasFlags(ts.SymbolFlags.RegularEnum) || symbol.hasFlags(ts.SymbolFlags.ConstEnum),
      };
      // In place before its structure is read, because that may lead back here.
      this.#definitions.set(definition, { ...described, structure: unsupported('too-deep', type) });
      const structure = described.isEnum ? readEnum(symbol) : this.#readAliased(symbol, type);
      this.#definitions.set(definition, { ...described, structure });
    }
    return { kind: 'named', definition, typeArguments: models };
  }

  /** An alias of a name is that name; any other is what it stands for, not itself again. */
  #readAliased(symbol: TypeScriptSymbol, type: Type): TypeModel {
    const node = aliasedNode(symbol, type);
    return nameAsWritten(node, this.library) ? this.read(type, node) : this.#readStructure(type, node);
  }

  #readStructure(type: Type, written: TypeNode | undefined): TypeModel {
    const simple = readSimple(type);
    if (simple) return simple;
    if (type.isEnumLiteral() && !type.isUnion()) return readEnumMember(this, type);
    if (type.isUnion()) return readUnion(this, type, written);
    if (type.isIntersection()) return readIntersection(this, type);
    const element = type.getArrayElementType();
    if (element) return this.#readArray(element, type, written);
    if (type.isTuple()) return readTuple(this, type, written);
    if (type.isObject()) return readObject(this, type, written);
    const isOpen = (type.getFlags() & ts.TypeFlags.Instantiable) !== 0;
    return unsupported(isOpen ? 'type-parameter' : 'empty-object', type);
  }

  #readArray(element: Type, type: Type, written: TypeNode | undefined): TypeModel {
    const isReadonly = type.isReadonlyArray();
    return { kind: 'array', element: this.read(element, elementNode(written)), isReadonly };
  }
}

function isFaulty(type: Type): boolean {
  return type.isAny() || type.isUnknown() || type.isNever();
}

function readSimple(type: Type): TypeModel | undefined {
  if (type.isAny()) return unsupported(isUnresolved(type) ? 'unresolved' : 'any', type);
  if (type.isUnknown()) return unsupported('unknown', type);
  if (type.isNever()) return unsupported('never', type);
  if (type.isString()) return { kind: 'primitive', name: 'string' };
  if (type.isNumber()) return { kind: 'primitive', name: 'number' };
  if (type.isBoolean()) return { kind: 'primitive', name: 'boolean' };
  if (type.isBigInt()) return { kind: 'primitive', name: 'bigint' };
  if (type.isNull()) return { kind: 'primitive', name: 'null' };
  if (type.isUndefined()) return { kind: 'primitive', name: 'undefined' };
  if (type.isVoid()) return { kind: 'primitive', name: 'void' };
  if ((type.getFlags() & ts.TypeFlags.ESSymbolLike) !== 0) return unsupported('symbol', type);
  if ((type.getFlags() & (ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping)) !== 0) {
    return { kind: 'template', text: type.getText() };
  }
  return type.isEnumLiteral() ? undefined : readLiteral(type);
}

function readLiteral(type: Type): TypeModel | undefined {
  if (type.isBooleanLiteral()) return { kind: 'literal', value: type.getText() === 'true' };
  const value = type.getLiteralValue();
  if (value === undefined) return undefined;
  if (typeof value !== 'object') return { kind: 'literal', value };
  return { kind: 'literal', value: BigInt(value.base10Value) * (value.negative ? -1n : 1n) };
}

/** What the compiler puts where a name leads nowhere: an `any` that nobody wrote. Not in its public types. */
function isUnresolved(type: Type): boolean {
  return (type.compilerType as { readonly intrinsicName?: string }).intrinsicName === 'error';
}

/** One for each declaration and list of type arguments. Never written anywhere. */
function keyOf(symbol: TypeScriptSymbol, typeArguments: readonly TypeModel[]): string {
  const [declaration] = symbol.getDeclarations();
  const place = declaration ? `${declaration.getSourceFile().getFilePath()}:${declaration.getStart()}` : '';
  const key = `${symbol.getName()}@${place}`;
  return typeArguments.length === 0 ? key : `${key}<${typeArguments.map(keyOfType).join()}>`;
}

/** A default export is known as `default`; the name that its author gave it stands in the declaration. */
function declaredName(symbol: TypeScriptSymbol): string {
  const declaration = symbol.getDeclarations().find((node) => Node.hasName(node));
  return declaration && Node.hasName(declaration) ? declaration.getName() : symbol.getName();
}
