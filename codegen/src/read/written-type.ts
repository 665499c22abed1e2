import { Node, type Type, type TypeNode, ts } from 'ts-morph';

/**
 * A type node is used only where it says just what the compiler resolved: it keeps the user's names and order.
 * Inside of generic declarations and mapped types it says something else, and the resolved type stands alone.
 */
export function writtenAs(node: TypeNode | undefined, type: Type): TypeNode | undefined {
  const bare = withoutParentheses(node);
  return bare?.getType().compilerType === type.compilerType ? bare : undefined;
}

/** The same for what may be left out: the compiler adds `undefined` to the type, the user did not write it. */
export function optionalWrittenAs(node: TypeNode | undefined, type: Type): TypeNode | undefined {
  const bare = withoutParentheses(node);
  const written = bare?.getType();
  if (!written || includesNull(written) !== includesNull(type)) return undefined;
  const isSame = written.getNonNullableType().compilerType === type.getNonNullableType().compilerType;
  return isSame ? bare : undefined;
}

/** The nodes of a written union's options. */
export function optionNodes(node: TypeNode | undefined): readonly TypeNode[] {
  return Node.isUnionTypeNode(node) ? node.getTypeNodes() : [];
}

/** The node of a written array's element: of `T[]`, `readonly T[]` and `Array<T>`. */
export function elementNode(node: TypeNode | undefined): TypeNode | undefined {
  if (Node.isArrayTypeNode(node)) return node.getElementTypeNode();
  if (Node.isTypeOperatorTypeNode(node)) return elementNode(withoutParentheses(node.getTypeNode()));
  return argumentNodes(node)[0];
}

/** The nodes of a written reference's type arguments. */
export function argumentNodes(node: TypeNode | undefined): readonly TypeNode[] {
  return Node.isTypeReference(node) ? node.getTypeArguments() : [];
}

/** The nodes of a written tuple's elements; of a rest element, the one of its array. */
export function tupleElementNodes(node: TypeNode | undefined): readonly (TypeNode | undefined)[] {
  if (Node.isTypeOperatorTypeNode(node)) return tupleElementNodes(withoutParentheses(node.getTypeNode()));
  return Node.isTupleTypeNode(node) ? node.getElements().map(innerNode) : [];
}

function innerNode(element: TypeNode): TypeNode | undefined {
  if (Node.isNamedTupleMember(element)) return element.getTypeNode();
  if (element.isKind(ts.SyntaxKind.OptionalType) || element.isKind(ts.SyntaxKind.RestType)) {
    return element.getFirstChild((child): child is TypeNode => Node.isTypeNode(child));
  }
  return element;
}

function withoutParentheses(node: TypeNode | undefined): TypeNode | undefined {
  return Node.isParenthesizedTypeNode(node) ? withoutParentheses(node.getTypeNode()) : node;
}

function includesNull(type: Type): boolean {
  return type.isNull() || (type.isUnion() && type.getUnionTypes().some((option) => option.isNull()));
}
