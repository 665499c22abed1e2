import { compareText, unreachable } from '@decoraft/base';
import { Node, type Symbol as TypeScriptSymbol, ts, type Type, type TypeNode } from 'ts-morph';
import type { PropertyModel, TypeModel } from '../type-model.js';
import { withoutUndefined } from '../union-model.js';
import type { LibraryType } from './library-types.js';
import { isClassSymbol } from './names.js';
import { type TypeContext, unsupported } from './type-context.js';
import { argumentNodes, optionalWrittenAs } from './written-type.js';

/** Reads instances of the language's own classes, and plain objects. */
export function readObject(context: TypeContext, type: Type, written: TypeNode | undefined): TypeModel {
  const symbol = type.getSymbol();
  const libraryType = symbol && context.library.typeOf(symbol);
  if (libraryType) return readLibraryType(context, libraryType, type, written);
  if (symbol && isClassSymbol(symbol)) return unsupported('class', type);
  return readProperties(context, type, written);
}

function readLibraryType(
  context: TypeContext,
  libraryType: LibraryType,
  type: Type,
  written: TypeNode | undefined,
): TypeModel {
  const nodes = argumentNodes(written);
  const read = (position: number): TypeModel => {
    const argument = type.getTypeArguments()[position];
    return argument ? context.read(argument, nodes[position]) : unsupported('unresolved', type);
  };
  switch (libraryType) {
    case 'map':
    case 'readonly-map':
      return { kind: 'map', key: read(0), value: read(1), isReadonly: libraryType === 'readonly-map' };
    case 'set':
    case 'readonly-set':
      return { kind: 'set', element: read(0), isReadonly: libraryType === 'readonly-set' };
    case 'date':
    case 'bytes':
      return { kind: libraryType };
    case 'promise':
    case 'function':
      return unsupported(libraryType, type);
    case 'other':
      return unsupported('library', type);
    default:
      return unreachable(libraryType);
  }
}

/** Reads a type as its properties or its index signature. */
export function readProperties(context: TypeContext, type: Type, written?: TypeNode): TypeModel {
  if (type.getCallSignatures().length + type.getConstructSignatures().length > 0) {
    return unsupported('function', type);
  }
  if (type.isInterface() && extendsLibrary(context, type)) return unsupported('library', type);
  const properties = propertiesOf(type);
  const index = type.getStringIndexType() ?? type.getNumberIndexType();
  if (index) {
    return properties.length === 0
      ? { kind: 'record', value: context.read(index, indexNode(written)) }
      : unsupported('mixed-index', type);
  }
  if (properties.length === 0) return unsupported('empty-object', type);
  if (properties.some((property) => property.getEscapedName().startsWith('__@'))) {
    return unsupported('symbol', type);
  }
  return { kind: 'object', properties: properties.map((property) => readProperty(context, property)) };
}

/** The node of what `Record<string, X>` or `{ [key: string]: X }` holds. */
function indexNode(written: TypeNode | undefined): TypeNode | undefined {
  if (Node.isTypeLiteral(written)) return written.getIndexSignatures()[0]?.getReturnTypeNode();
  return argumentNodes(written).at(-1);
}

/**
 * As declared. A mapped type's properties come in the compiler's own order, which is not the same in every run:
 * they are brought into that of their declarations, or by name where they have none.
 */
function propertiesOf(type: Type): readonly TypeScriptSymbol[] {
  const properties = type.getProperties();
  if ((type.getObjectFlags() & ts.ObjectFlags.Mapped) === 0) return properties;
  const files = new Set(properties.map((property) => property.getDeclarations()[0]?.getSourceFile()));
  const isDeclaredTogether = files.size === 1 && !files.has(undefined);
  return properties.toSorted((left, right) =>
    isDeclaredTogether ? startOf(left) - startOf(right) : compareText(left.getName(), right.getName()),
  );
}

function startOf(property: TypeScriptSymbol): number {
  return property.getDeclarations()[0]?.getStart() ?? 0;
}

function extendsLibrary(context: TypeContext, type: Type): boolean {
  return type.getBaseTypes().some((base) => {
    const symbol = base.getSymbol();
    return symbol !== undefined && (context.library.has(symbol) || extendsLibrary(context, base));
  });
}

function readProperty(context: TypeContext, property: TypeScriptSymbol): PropertyModel {
  const declaration = property.getDeclarations()[0];
  const type = context.typeOf(property);
  const isOptional = property.isOptional();
  const node =
    Node.isPropertySignature(declaration) || Node.isPropertyDeclaration(declaration)
      ? declaration.getTypeNode()
      : undefined;
  return {
    name: property.getName(),
    type: isOptional ? readOptional(context, type, node) : context.read(type, node),
    isOptional,
    isReadonly: isReadonlyProperty(property),
  };
}

/** Reads the type of what may be left out. */
export function readOptional(context: TypeContext, type: Type, node: TypeNode | undefined): TypeModel {
  const written = optionalWrittenAs(node, type);
  return written ? context.read(written.getType(), written) : withoutUndefined(context.read(type, undefined));
}

function isReadonlyProperty(property: TypeScriptSymbol): boolean {
  return property
    .getDeclarations()
    .some((declaration) => Node.isReadonlyable(declaration) && declaration.isReadonly());
}
