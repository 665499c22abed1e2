import { type ClassDeclaration, type ClassMemberTypes, Node } from 'ts-morph';
import type { DecoratorModel } from '../model.js';
import { inheritOptions } from './decorator-options.js';

/** The classes of Decoraft that users extend. */
export type BaseName = 'StateMachine' | 'RpcService';

/** A class with those above it, up to and without Decoraft's own. */
export interface ClassChain {
  readonly classes: readonly ClassDeclaration[];
  /** Which of Decoraft's it ends in, if it does. */
  readonly base: BaseName | undefined;
}

/** A member that is part of a class's face, or looks as if it should be. */
export interface FacingMember {
  /** The nearest declaration: the one that runs. */
  readonly node: ClassMemberTypes;
  /** Of this declaration and of those that it overrides; each kind once. */
  readonly decorators: readonly DecoratorModel[];
}

/** Tells which members face clients. */
export interface FaceReader {
  decoratorsOf(node: ClassMemberTypes): readonly DecoratorModel[];
  isEvent(node: ClassMemberTypes): boolean;
}

export function chainOf(
  declaration: ClassDeclaration,
  baseOf: (node: Node) => BaseName | undefined,
): ClassChain {
  const classes: ClassDeclaration[] = [];
  for (let next: ClassDeclaration | undefined = declaration; next; next = next.getBaseClass()) {
    // A class that extends itself is an error of the compiler's, not a loop of ours.
    if (classes.includes(next)) break;
    classes.push(next);
    const extended = next.getExtends()?.getExpression();
    const base = extended && baseOf(extended);
    if (base) return { classes, base };
  }
  return { classes, base: undefined };
}

/** Own members in the order of the source, then inherited ones; an override stands for what it overrides. */
export function facingMembers({ classes }: ClassChain, reader: FaceReader): readonly FacingMember[] {
  const nearest = new Map<string, ClassMemberTypes>();
  const facing = new Map<string, { node: ClassMemberTypes; decorators: DecoratorModel[] }>();
  for (const node of classes.flatMap((declaration) => declaration.getMembers())) {
    const key = keyOf(node);
    const decorators = reader.decoratorsOf(node);
    if (!nearest.has(key)) nearest.set(key, node);
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
  return [...facing.values()];
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
