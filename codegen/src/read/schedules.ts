import { type CallExpression, type ClassMemberTypes, Node, ts } from 'ts-morph';
import type { LiteralModel, ScheduleModel } from '../model.js';
import { type ClassChain, nameOfMember } from './class-chain.js';
import type { Locate } from './positions.js';
import { forEachOfThis } from './this-traversal.js';

/**
 * What a machine's own code has the machine run later: its calls of `this.schedule(…)`, wherever in the class or one
 * above it they stand.
 */
export function readSchedules({ classes }: ClassChain, locate: Locate): readonly ScheduleModel[] {
  return classes.flatMap((declaration) =>
    declaration.getMembers().flatMap((member) => readMember(member, locate)),
  );
}

function readMember(member: ClassMemberTypes, locate: Locate): readonly ScheduleModel[] {
  // Most members schedule nothing, and are not walked.
  if (!member.getText().includes('schedule')) return [];
  const schedules: ScheduleModel[] = [];
  forEachOfThis(member, (node) => {
    if (Node.isCallExpression(node) && isOwnCall(node, 'schedule')) {
      schedules.push(readCall(node, nameOfMember(member), locate));
    }
  });
  return schedules;
}

/** `this.name(…)` */
export function isOwnCall(call: CallExpression, name: string): boolean {
  const callee = call.getExpression();
  if (!Node.isPropertyAccessExpression(callee) || callee.getName() !== name) return false;
  return callee.getExpression().isKind(ts.SyntaxKind.ThisKeyword);
}

function readCall(call: CallExpression, member: string, locate: Locate): ScheduleModel {
  const [delay, method, ...args] = call.getArguments();
  const known = args.findIndex(Node.isSpreadElement);
  return {
    member,
    position: locate(call),
    delay: delay && readLiteral(delay),
    method: method && readLiteral(method),
    args: (known === -1 ? args : args.slice(0, known)).map((arg) => ({
      position: locate(arg),
      literal: readLiteral(arg),
    })),
    hasSpread: call.getArguments().some(Node.isSpreadElement),
  };
}

/** A value that stands there in full; `undefined` for anything that has to be computed. */
function readLiteral(node: Node): LiteralModel | undefined {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) {
    return { value: node.getLiteralText() };
  }
  if (Node.isNumericLiteral(node)) return { value: node.getLiteralValue() };
  if (Node.isTrueLiteral(node) || Node.isFalseLiteral(node)) return { value: node.getLiteralValue() };
  if (node.isKind(ts.SyntaxKind.NullKeyword)) return { value: null };
  if (Node.isIdentifier(node)) return GLOBALS.get(node.getText());
  if (Node.isPrefixUnaryExpression(node) && node.getOperatorToken() === ts.SyntaxKind.MinusToken) {
    const operand = readLiteral(node.getOperand());
    return typeof operand?.value === 'number' ? { value: -operand.value } : undefined;
  }
  return undefined;
}

const GLOBALS: ReadonlyMap<string, LiteralModel> = new Map([
  ['undefined', { value: undefined }],
  ['Infinity', { value: Infinity }],
  ['NaN', { value: NaN }],
]);
