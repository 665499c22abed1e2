import { ts } from 'ts-morph';
import type { ModuleVariable } from './summary.js';

export type Member = ts.PropertyAccessExpression | ts.ElementAccessExpression;

/** The name that is asked for; `undefined` for one that is computed. */
export function nameOf(member: Member): string | undefined {
  if (ts.isPropertyAccessExpression(member)) return member.name.text;
  const { argumentExpression: key } = member;
  return ts.isStringLiteralLike(key) ? key.text : undefined;
}

/** What is gone when the program runs. */
export function isType(node: ts.Node): boolean {
  if (ts.isExpressionWithTypeArguments(node)) return ts.isHeritageClause(node.parent);
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node)
  );
}

/** Whether an identifier stands for a value, and is not the name of what is being declared or asked for. */
export function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isPropertyAssignment(parent) || ts.isEnumMember(parent)) return parent.initializer === node;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent)) {
    return parent.initializer === node;
  }
  const isName =
    ts.isFunctionLike(parent) || ts.isClassLike(parent)
      ? parent.name === node
      : ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isMetaProperty(parent);
  return !isName;
}

export function isAsync(node: ts.Node): boolean {
  if (!ts.canHaveModifiers(node)) return false;
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
}

/** `await using file = …` */
export function isAwaitUsing(list: ts.VariableDeclarationList): boolean {
  return /^await\b/.test(list.getText());
}

/** Whether a class is made an instance of there, and not only named. */
export function isConstructed(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return parent.expression === node;
  // As an argument it may be: `build(Counter)`.
  return ts.isCallExpression(parent) && parent.expression !== node;
}

/** A variable that lives as long as its module does. */
export function isModuleVariable(declaration: ts.Node): declaration is ModuleVariable {
  if (ts.isPropertyDeclaration(declaration)) return isStatic(declaration);
  if (ts.isBindingElement(declaration)) return false;
  if (!ts.isVariableDeclaration(declaration)) return false;
  const statement = declaration.parent.parent;
  if (!ts.isVariableStatement(statement)) return false;
  return ts.isSourceFile(statement.parent) || ts.isModuleBlock(statement.parent);
}

export function isStatic(node: ts.Node): boolean {
  if (!ts.canHaveModifiers(node)) return false;
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

export function isConstant(variable: ModuleVariable): boolean {
  if (ts.isPropertyDeclaration(variable)) {
    return (ts.getCombinedModifierFlags(variable) & ts.ModifierFlags.Readonly) !== 0;
  }
  return (ts.getCombinedNodeFlags(variable) & ts.NodeFlags.Const) !== 0;
}

/** How the compiler names `[Symbol.iterator]`. */
export function isIterator({ escapedName }: ts.Symbol): boolean {
  return escapedName.toString().startsWith('__@iterator');
}

/** `[Symbol.iterator]` */
export function isIteratorName({ expression }: ts.ComputedPropertyName): boolean {
  return ts.isPropertyAccessExpression(expression) && expression.name.text === 'iterator';
}

/** The nearest function that `node` stands in; `undefined` for what runs when its module is loaded. */
export function functionAround(node: ts.Node): ts.Node | undefined {
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (ts.isFunctionLike(outer)) return outer;
    if (ts.isPropertyDeclaration(outer) && !isStatic(outer)) return outer;
  }
  return undefined;
}

export function isMemberOf(parent: ts.Node, node: ts.Node): parent is Member {
  return (
    (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) &&
    parent.expression === node
  );
}

/** What has the value of `node`, or may have it. */
export function isTransparent(parent: ts.Node, node: ts.Node): boolean {
  if (
    ts.isParenthesizedExpression(parent) ||
    ts.isAsExpression(parent) ||
    ts.isNonNullExpression(parent) ||
    ts.isSatisfiesExpression(parent)
  ) {
    return true;
  }
  if (ts.isConditionalExpression(parent)) return parent.condition !== node;
  if (!ts.isBinaryExpression(parent)) return false;
  const { operatorToken } = parent;
  return (
    operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken ||
    operatorToken.kind === ts.SyntaxKind.BarBarToken
  );
}

/** The expression that writes to `node`: the left side of an assignment, also within a pattern, and what is counted or deleted. */
export function assignmentOf(node: ts.Node): ts.Node | undefined {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    const isAssignment = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return isAssignment && parent.left === node ? parent : undefined;
  }
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
    const { operator } = parent;
    const isStep = operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
    return isStep ? parent : undefined;
  }
  if (ts.isDeleteExpression(parent)) return parent;
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) {
    return parent.initializer === node ? node : undefined;
  }
  return isWithinPattern(parent, node) ? assignmentOf(parent) : undefined;
}

function isWithinPattern(parent: ts.Node, node: ts.Node): boolean {
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return (
    ts.isArrayLiteralExpression(parent) ||
    ts.isObjectLiteralExpression(parent) ||
    ts.isSpreadElement(parent) ||
    ts.isSpreadAssignment(parent) ||
    ts.isShorthandPropertyAssignment(parent)
  );
}

/** The function that a declaration gives a name to. */
export function functionOf(declaration: ts.Node): ts.FunctionLikeDeclaration | undefined {
  if (ts.isFunctionLike(declaration) && 'body' in declaration) {
    return declaration;
  }
  const initializer =
    ts.isVariableDeclaration(declaration) ||
    ts.isPropertyDeclaration(declaration) ||
    ts.isPropertyAssignment(declaration)
      ? declaration.initializer && unwrap(declaration.initializer)
      : undefined;
  return initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
    ? initializer
    : undefined;
}

export function nameNodeOf(expression: ts.Expression): ts.Node {
  const callee = unwrap(expression);
  return ts.isPropertyAccessExpression(callee) ? callee.name : callee;
}

/** Whether any `this` of a function, in its arrow functions as well, is such. */
export function someOfThis(root: ts.Node, test: (node: ts.Node) => boolean): boolean {
  const visit = (node: ts.Node): boolean => {
    if (node.kind === ts.SyntaxKind.ThisKeyword) return test(node);
    if (ts.isTypeNode(node) || hasOwnThis(node)) return false;
    return ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
  };
  return ts.forEachChild(root, (child) => visit(child) || undefined) ?? false;
}

export function hasOwnThis(node: ts.Node): boolean {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isAccessor(node) ||
    ts.isClassLike(node)
  );
}

/** An expression without what changes nothing about its value. */
export function unwrap(node: ts.Node): ts.Node {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isTypeAssertionExpression(inner)
  ) {
    inner = inner.expression;
  }
  const isSequence = ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return isSequence ? unwrap((inner as ts.BinaryExpression).right) : inner;
}
