import { type ClassMemberTypes, type JSDoc, Node } from 'ts-morph';
import type { DecoratorModel } from '../model.js';
import { type ClassNode, follow, NO_SCOPE, type Place } from './base-class.js';
import { inheritOptions } from './decorator-options.js';

/** The classes of Decoraft that users extend. */
export type BaseName = 'StateMachine' | 'RpcService';

/** A class with those above it, up to and without Decoraft's own. */
export interface ClassChain {
  readonly classes: readonly ClassNode[];
  /** Which of Decoraft's it ends in, if it does. */
  readonly base: BaseName | undefined;
  /** Where it could not be followed any further: what the last of the classes extends. */
  readonly end: Node | undefined;
}

/** A member that is part of a class's face, or looks as if it should be. */
export interface FacingMember {
  /** The nearest declaration: the one that runs. */
  readonly node: ClassMemberTypes;
  /** Its JSDoc comment, or that of the nearest that it overrides. */
  readonly comment: JSDoc | undefined;
  /** Of this declaration and of those that it overrides; each kind once. */
  readonly decorators: readonly DecoratorModel[];
}

/** Tells which members face clients. */
export interface FaceReader {
  decoratorsOf(node: ClassMemberTypes): readonly DecoratorModel[];
  isEvent(node: ClassMemberTypes): boolean;
}

const HEIGHT_LIMIT = 100;

export function chainOf(declaration: ClassNode, baseOf: (node: Node) => BaseName | undefined): ClassChain {
  const classes: ClassNode[] = [];
  let place: Place | undefined = { node: declaration, scope: NO_SCOPE };
  // A class that extends itself is an error of the compiler's, not a loop of ours; the class of a mixin may come twice.
  for (let height = 0; place && isClass(place.node) && height < HEIGHT_LIMIT; height++) {
    if (!classes.includes(place.node)) classes.push(place.node);
    const extended: Node | undefined = place.node.getExtends()?.getExpression();
    if (!extended) break;
    place = follow({ node: extended, scope: place.scope }, (node) => baseOf(node) !== undefined);
    if (!place) return { classes, base: undefined, end: extended };
    const base = baseOf(place.node);
    if (base) return { classes, base, end: undefined };
  }
  return { classes, base: undefined, end: undefined };
}

function isClass(node: Node): node is ClassNode {
  return Node.isClassDeclaration(node) || Node.isClassExpression(node);
}

/** Own members in the order of the source, then inherited ones; an override stands for what it overrides. */
export function facingMembers({ classes }: ClassChain, reader: FaceReader): readonly FacingMember[] {
  const nearest = new Map<string, ClassMemberTypes>();
  const facing = new Map<string, { node: ClassMemberTypes; decorators: DecoratorModel[] }>();
  const comments = new Map<string, JSDoc>();
  for (const node of classes.flatMap((declaration) => declaration.getMembers())) {
    const key = keyOf(node);
    const decorators = reader.decoratorsOf(node);
    if (!nearest.has(key)) nearest.set(key, node);
    const comment = Node.isJSDocable(node) ? node.getJsDocs().at(-1) : undefined;
    if (comment && !comments.has(key)) comments.set(key, comment);
    if (decorators.length === 0 && !reader.isEvent(node)) continue;
    const known = facing.get(key);
    if (known) {
      for (const decorator of decorators) {
        const at = known.decorators.findIndex(({ name }) => name === decorator.name);
        const nearer = known.decorators[at];
        if (nearer) known.decorators[at] = inheritOptions(nearer, decorator);
        else known.decorators.push(decorator);
      }
    } else {
      // What is decorated where there is nothing to run is looked at there.
      const isAbstract = Node.isAbstractable(node) && node.isAbstract();
      const runs = isAbstract ? node : (nearest.get(key) ?? node);
      facing.set(key, { node: runs, decorators: [...decorators] });
    }
  }
  return [...facing].map(([key, member]) => ({ ...member, comment: comments.get(key) }));
}

function keyOf(node: ClassMemberTypes): string {
  const isStatic = Node.isStaticable(node) && node.isStatic();
  return `${isStatic ? 'static ' : ''}${nameOfMember(node)}`;
}

/** The name as a caller writes it; of a computed one, its source. */
export function nameOfMember(node: ClassMemberTypes): string {
  if (Node.isConstructorDeclaration(node) || Node.isClassStaticBlockDeclaration(node)) return '';
  const name = node.getNameNode();
  return Node.isStringLiteral(name) ? name.getLiteralText() : name.getText();
}
