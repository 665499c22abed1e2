import {
  type ClassDeclaration,
  type ClassMemberTypes,
  Node,
  type PropertyDeclaration,
  Scope,
  ts,
} from 'ts-morph';
import type { BaseFaultModel } from '../model.js';
import type { ClassNode } from './base-class.js';
import { type ClassChain, nameOfMember } from './class-chain.js';
import type { Locate } from './positions.js';

/** What Decoraft calls by itself; it is no operation wherever it stands. */
const HOOKS: ReadonlySet<string> = new Set([
  'migrate',
  'previous',
  'restore',
  'restored',
  'sessionEnded',
  'snapshot',
]);

/** What of the classes above `declaration` could not be read; the nearest first. */
export function readBaseFault(
  declaration: ClassDeclaration,
  { classes, end }: ClassChain,
  locate: Locate,
): BaseFaultModel | undefined {
  const position = locate(declaration.getExtends() ?? declaration);
  const seen = new Set<string>();
  for (const above of classes) {
    const members = above.getMembers();
    const faces = members.filter(isPublic).map(nameOfMember);
    const hidden = faces.filter((name) => !seen.has(name) && !HOOKS.has(name));
    if (isCompiled(above) && hidden.length > 0) {
      return { kind: 'compiled', position, text: above.getName() ?? '', members: hidden };
    }
    for (const member of members) seen.add(nameOfMember(member));
  }
  return end && { kind: 'unreadable', position, text: end.getText(), members: [] };
}

function isCompiled(declaration: ClassNode): boolean {
  return Node.isClassDeclaration(declaration) && declaration.isAmbient();
}

/** Methods and events of an instance that its callers see. */
function isPublic(node: ClassMemberTypes): boolean {
  if (!Node.isMethodDeclaration(node) && !isDeclaredEvent(node)) return false;
  return node.getScope() === Scope.Public && !node.isStatic() && !nameOfMember(node).startsWith('#');
}

/** An event of a class of which only declarations are there. */
export function isDeclaredEvent(node: ClassMemberTypes): node is PropertyDeclaration {
  if (!Node.isPropertyDeclaration(node)) return false;
  const isAmbient = node.getFirstAncestorByKind(ts.SyntaxKind.ClassDeclaration)?.isAmbient() ?? false;
  return isAmbient && node.getType().getAliasSymbol()?.getName() === 'EventSource';
}
