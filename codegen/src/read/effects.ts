import {
  type CallExpression,
  type Identifier,
  type MethodDeclaration,
  Node,
  ts,
  VariableDeclarationKind,
} from 'ts-morph';
import type { EffectModel } from '../model.js';
import type { Locate } from './positions.js';
import { isOwnCall } from './schedules.js';
import { forEachOfThis } from './this-traversal.js';

/** Methods of Map, Set and Array that change them. */
const MUTATORS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Map', new Set(['set', 'delete', 'clear'])],
  ['Set', new Set(['add', 'delete', 'clear'])],
  ['Array', new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'])],
]);

/** What the machine's own members are, by name. */
export interface OwnMembers {
  readonly commands: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
}

/** Methods of Map and Array that give a part of them, which is the machine's as they are. */
const ACCESSORS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Map', new Set(['get', 'values', 'entries'])],
  ['Set', new Set(['values', 'keys', 'entries'])],
  ['Array', new Set(['at', 'find', 'findLast', 'values', 'entries'])],
]);

/**
 * What a query's body does to the machine, as far as its own syntax shows it: directly, through what it takes out of
 * a collection (`this.map.get(key)!.count++`), and through a `const` that names a part of the machine. What it does
 * through helpers, through variables that are assigned again, and in callbacks to what they are given is found at run
 * time, where the machine is frozen while a query runs in development.
 */
export function readEffects(
  method: MethodDeclaration,
  own: OwnMembers,
  locate: Locate,
): readonly EffectModel[] {
  const effects: EffectModel[] = [];
  forEachOfThis(method.getBody(), (node) => {
    const kind = effectOf(node, own);
    if (kind) effects.push({ kind, text: node.getText().split('\n', 1)[0] ?? '', position: locate(node) });
  });
  return effects;
}

function effectOf(node: Node, own: OwnMembers): EffectModel['kind'] | undefined {
  if (Node.isCallExpression(node)) {
    const isTimer = isOwnCall(node, 'schedule') || isOwnCall(node, 'cancel');
    return isTimer ? 'schedules' : effectOfCall(node.getExpression(), own);
  }
  return assignedBy(node).some((target) => !Node.isIdentifier(target) && isPartOfThis(target))
    ? 'assigns'
    : undefined;
}

function effectOfCall(callee: Node, own: OwnMembers): EffectModel['kind'] | undefined {
  if (!Node.isPropertyAccessExpression(callee)) return undefined;
  const target = callee.getExpression();
  const name = callee.getName();
  if (target.isKind(ts.SyntaxKind.ThisKeyword)) return own.commands.has(name) ? 'calls-command' : undefined;
  if (name === 'notify' && Node.isCallExpression(target)) {
    const source = target.getExpression();
    const isOwn = Node.isPropertyAccessExpression(source) && isPartOfThis(source);
    return isOwn && own.events.has(source.getName()) ? 'notifies' : undefined;
  }
  if (!isPartOfThis(target)) return undefined;
  const type = target.getType().getNonNullableType().getSymbol()?.getName() ?? '';
  return MUTATORS.get(type)?.has(name) ? 'mutates' : undefined;
}

/** What an expression writes to: its left side, and every target of a destructuring. */
function assignedBy(node: Node): readonly Node[] {
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getKind();
    const isAssignment =
      operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
    return isAssignment ? targetsOf(node.getLeft()) : [];
  }
  if (Node.isPrefixUnaryExpression(node) || Node.isPostfixUnaryExpression(node)) {
    const operator = node.getOperatorToken();
    const isStep = operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
    return isStep ? [node.getOperand()] : [];
  }
  return Node.isDeleteExpression(node) ? [node.getExpression()] : [];
}

function targetsOf(left: Node): readonly Node[] {
  if (Node.isArrayLiteralExpression(left)) return left.getElements().flatMap(targetsOf);
  if (Node.isObjectLiteralExpression(left)) {
    return left.getProperties().flatMap((property) => {
      const target = Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
      return target ? targetsOf(target) : [];
    });
  }
  return [left];
}

/** `this.x`, `this.x.y[z]`, `this.#x!`, `this.map.get(key)`, and a `const` that is one of these. */
function isPartOfThis(node: Node): boolean {
  if (Node.isNonNullExpression(node) || Node.isParenthesizedExpression(node) || Node.isAsExpression(node)) {
    return isPartOfThis(node.getExpression());
  }
  if (Node.isIdentifier(node)) return isAliasOfPart(node);
  if (Node.isCallExpression(node)) return isTakenFromPart(node);
  if (!Node.isPropertyAccessExpression(node) && !Node.isElementAccessExpression(node)) return false;
  const target = node.getExpression();
  return target.isKind(ts.SyntaxKind.ThisKeyword) || isPartOfThis(target);
}

function isTakenFromPart(call: CallExpression): boolean {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return false;
  const source = callee.getExpression();
  const type = source.getType().getNonNullableType().getSymbol()?.getName() ?? '';
  return (ACCESSORS.get(type)?.has(callee.getName()) ?? false) && isPartOfThis(source);
}

/** A `const`, which is what it was made: `const map = this.map`, `const { map } = this`, `for (const item of this.list)`. */
function isAliasOfPart(name: Identifier): boolean {
  const [definition] = name.getSymbol()?.getDeclarations() ?? [];
  if (!definition) return false;
  // `const { ...copy } = this.item`
  if (Node.isBindingElement(definition) && definition.getDotDotDotToken()) return false;
  const declaration = Node.isVariableDeclaration(definition)
    ? definition
    : definition.getFirstAncestorByKind(ts.SyntaxKind.VariableDeclaration);
  if (!declaration || !(Node.isVariableDeclaration(definition) || Node.isBindingElement(definition))) {
    return false;
  }
  const list = declaration.getParent();
  if (!Node.isVariableDeclarationList(list) || list.getDeclarationKind() !== VariableDeclarationKind.Const)
    return false;
  const loop = list.getParent();
  const source = Node.isForOfStatement(loop) ? loop.getExpression() : declaration.getInitializer();
  if (!source) return false;
  return (
    isPartOfThis(source) || (source.isKind(ts.SyntaxKind.ThisKeyword) && Node.isBindingElement(definition))
  );
}
