import { ts } from 'ts-morph';
import type { EffectModel } from '../../model.js';
import type { Changes } from './changes.js';
import type { Stop } from './journey.js';
import { hasOwnThis, isMemberOf, isType, nameOf } from './syntax.js';

/** What the machine's own members are, by name. */
export interface OwnMembers {
  readonly commands: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
}

export interface Effect {
  readonly kind: EffectModel['kind'];
  readonly node: ts.Node;
}

/**
 * What a piece of code that a query leads to does to the machine: it changes a part of `this`, or what it took from it,
 * by itself or by a function that it gives it to; it calls a command; it notifies; it schedules.
 */
export function effectsOf({ code }: Stop, own: OwnMembers, changes: Changes): readonly Effect[] {
  const effects = new Map<ts.Node, EffectModel['kind']>();
  const visit = (node: ts.Node): void => {
    if (isType(node) || ts.isDecorator(node) || hasOwnThis(node)) return;
    if (node.kind === ts.SyntaxKind.ThisKeyword) {
      for (const change of changes.of(node)) {
        // What its own methods do is told of where they do it.
        if (!isOwnCall(change)) effects.set(change, ts.isCallExpression(change) ? 'mutates' : 'assigns');
      }
    }
    const kind = ts.isCallExpression(node) ? effectOfCall(node, own) : undefined;
    if (kind) effects.set(node, kind);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(code, visit);
  return [...effects].map(([node, kind]) => ({ kind, node }));
}

function effectOfCall({ expression }: ts.CallExpression, own: OwnMembers): EffectModel['kind'] | undefined {
  if (!ts.isPropertyAccessExpression(expression) && !ts.isElementAccessExpression(expression))
    return undefined;
  const name = nameOf(expression);
  if (name === undefined) return undefined;
  const target = expression.expression;
  if (target.kind === ts.SyntaxKind.ThisKeyword) {
    if (name === 'schedule' || name === 'cancel') return 'schedules';
    return own.commands.has(name) ? 'calls-command' : undefined;
  }
  if (name !== 'notify' || !ts.isCallExpression(target)) return undefined;
  const source = target.expression;
  const isEvent = ts.isPropertyAccessExpression(source) && own.events.has(source.name.text);
  return isEvent && source.expression.kind === ts.SyntaxKind.ThisKeyword ? 'notifies' : undefined;
}

/** `this.bump()` */
function isOwnCall(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  if (!ts.isPropertyAccessExpression(expression) && !ts.isElementAccessExpression(expression)) return false;
  return (
    expression.expression.kind === ts.SyntaxKind.ThisKeyword && isMemberOf(expression, expression.expression)
  );
}
