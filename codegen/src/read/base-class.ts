import {
  type ClassDeclaration,
  type ClassExpression,
  Node,
  type Symbol as TypeScriptSymbol,
  ts,
  VariableDeclarationKind,
} from 'ts-morph';
import { withoutAliases } from './origins.js';

/** Mixins give class expressions; they have members like declarations. */
export type ClassNode = ClassDeclaration | ClassExpression;

/** An expression, with what the parameters around it were given. */
export interface Place {
  readonly node: Node;
  readonly scope: Scope;
}

/** By the declarations of the parameters of all functions that were entered. */
type Scope = ReadonlyMap<Node, Place>;

export const NO_SCOPE: Scope = new Map();

/** Nobody stacks mixins higher; a mixin of itself has no end. */
const STEPS_LIMIT = 100;

/**
 * Follows an expression to the class, the function or the name of Decoraft's that it gives: through names, variables,
 * parameters and calls of functions that return one expression. Nothing is run, so that is all that can be followed.
 *
 * @param isEnd Says which expressions are followed no further.
 * @returns `undefined` where it cannot be followed.
 */
export function follow(start: Place, isEnd: (node: Node) => boolean): Place | undefined {
  let place: Place | undefined = start;
  for (let step = 0; place && step < STEPS_LIMIT; step++) {
    if (isEnd(place.node) || isResult(place.node)) return place;
    place = next(place, isEnd);
  }
  return undefined;
}

function isResult(node: Node): boolean {
  return Node.isClassDeclaration(node) || Node.isClassExpression(node) || isFunction(node);
}

function next({ node, scope }: Place, isEnd: (node: Node) => boolean): Place | undefined {
  if (Node.isParenthesizedExpression(node) || Node.isAsExpression(node) || Node.isSatisfiesExpression(node)) {
    return { node: node.getExpression(), scope };
  }
  if (Node.isNonNullExpression(node)) return { node: node.getExpression(), scope };
  if (Node.isExpressionWithTypeArguments(node)) return { node: node.getExpression(), scope };
  if (Node.isCallExpression(node)) {
    const called = follow({ node: node.getExpression(), scope }, isEnd);
    return called && isFunction(called.node) ? enter(called, node.getArguments(), scope) : undefined;
  }
  const name = Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
  return Node.isIdentifier(name) ? declared(name.getSymbol(), scope) : undefined;
}

function declared(symbol: TypeScriptSymbol | undefined, scope: Scope): Place | undefined {
  for (const declaration of symbol ? withoutAliases(symbol).getDeclarations() : []) {
    const given = scope.get(declaration);
    if (given) return given;
    if (Node.isClassDeclaration(declaration)) return { node: declaration, scope };
    // Of overloads, the one with a body.
    if (Node.isFunctionDeclaration(declaration) && declaration.hasBody()) return { node: declaration, scope };
    if (Node.isVariableDeclaration(declaration)) {
      const value = declaration.getInitializer();
      const isConstant =
        declaration.getVariableStatement()?.getDeclarationKind() === VariableDeclarationKind.Const;
      return value && isConstant ? { node: value, scope } : undefined;
    }
    if (Node.isExportAssignment(declaration)) return { node: declaration.getExpression(), scope };
  }
  return undefined;
}

type FunctionNode = Node & { getParameters(): readonly Node[] };

function isFunction(node: Node): node is FunctionNode {
  return Node.isFunctionDeclaration(node) || Node.isFunctionExpression(node) || Node.isArrowFunction(node);
}

/** The one expression that a function returns. */
function enter(called: Place, args: readonly Node[], outer: Scope): Place | undefined {
  if (!isFunction(called.node)) return undefined;
  const scope = new Map(called.scope);
  for (const [at, parameter] of called.node.getParameters().entries()) {
    const arg = args[at] ?? (Node.isParameterDeclaration(parameter) ? parameter.getInitializer() : undefined);
    if (arg) scope.set(parameter, { node: arg, scope: outer });
  }
  const body = Node.isBodyable(called.node) || Node.isBodied(called.node) ? called.node.getBody() : undefined;
  if (body && !Node.isBlock(body)) return { node: body, scope };
  const returned = returnedBy(body);
  const [only, ...others] = returned;
  return only && others.length === 0 ? { node: only, scope } : undefined;
}

/** Not what functions and classes within return. */
function returnedBy(body: Node | undefined): readonly Node[] {
  const returned: Node[] = [];
  body?.forEachDescendant((node, traversal) => {
    if (isFunction(node) || Node.isClassLikeDeclarationBase(node)) traversal.skip();
    const value = node.isKind(ts.SyntaxKind.ReturnStatement) ? node.getExpression() : undefined;
    if (value) returned.push(value);
  });
  return returned;
}
