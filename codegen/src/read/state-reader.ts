import {
  type ClassDeclaration,
  type ClassMemberTypes,
  type Decorator,
  Node,
  type ParameterDeclaration,
  type PropertyDeclaration,
} from 'ts-morph';
import type {
  DecoratorName,
  FieldModel,
  HookModel,
  HookName,
  ServiceModel,
  StateModel,
  StrayDerivedModel,
} from '../model.js';
import { isDeclaredEvent } from './base-fault.js';
import type { ClassNode } from './base-class.js';
import { type ClassChain, type FaceReader, nameOfMember } from './class-chain.js';
import type { DecoraftWords } from './decoraft-words.js';
import type { Library } from './library-types.js';
import type { Locate } from './positions.js';
import { readFieldType } from './field-types.js';
import { findStateFault } from './state-types.js';
import type { TypeContext } from './type-context.js';

export const NO_STATE: StateModel = {
  hooks: new Map(),
  definitions: new Map(),
  fields: [],
  strayDerived: [],
};

const HOOKS: ReadonlySet<string> = new Set<HookName>(['snapshot', 'restore', 'restored', 'sessionEnded']);

/** What a field is read for. */
interface Owner {
  readonly machine: ClassDeclaration;
  readonly types: TypeContext;
  readonly derived: ReadonlySet<string>;
}

type FieldNode = PropertyDeclaration | ParameterDeclaration;

/** Reads what snapshots of a machine would take. */
export class StateReader {
  readonly #words: DecoraftWords;
  readonly #library: Library;
  readonly #face: FaceReader;
  readonly #locate: Locate;

  constructor(words: DecoraftWords, library: Library, face: FaceReader, locate: Locate) {
    this.#words = words;
    this.#library = library;
    this.#face = face;
    this.#locate = locate;
  }

  /** @param types Of the state alone: what a client needs to know of is another matter. */
  read(machine: ClassDeclaration, { classes }: ClassChain, types: TypeContext): StateModel {
    const fields = new Map<string, FieldModel>();
    const members = classes.flatMap((declaration) => declaration.getMembers());
    const derived = new Set(members.filter((node) => this.#derivedOf(node)).map(nameOfMember));
    for (const [node, key] of fieldsOf(classes)) {
      if (fields.has(key) || (Node.isPropertyDeclaration(node) && this.#isFace(node))) continue;
      fields.set(key, this.#readField(node, { machine, types, derived }));
    }
    return {
      definitions: types.definitions,
      hooks: this.#readHooks(members),
      fields: [...fields.values()],
      strayDerived: members.flatMap((node) => this.#readStray(node)),
    };
  }

  /** Members of a class that is no machine and are decorated as if it were. */
  readDerived({ classes }: ClassChain): ServiceModel['derived'] {
    return classes
      .flatMap((declaration) => declaration.getMembers())
      .flatMap((node) => {
        const decorator = this.#derivedOf(node);
        return decorator ? [{ name: nameOfMember(node), position: this.#locate(decorator) }] : [];
      });
  }

  /** The nearest of each. */
  #readHooks(members: readonly ClassMemberTypes[]): StateModel['hooks'] {
    const hooks = new Map<HookName, HookModel>();
    for (const node of members) {
      const name = nameOfMember(node);
      if (!Node.isMethodDeclaration(node) || node.isStatic() || !isHook(name) || hooks.has(name)) continue;
      const position = this.#locate(node.getNameNode());
      const isPromise = node.getReturnType().getSymbol()?.getName() === 'Promise';
      hooks.set(name, { position, isAsync: node.isAsync() || isPromise, isGenerator: node.isGenerator() });
    }
    return hooks;
  }

  /** Events, and what is decorated as an operation and reported as such. */
  #isFace(node: PropertyDeclaration): boolean {
    return isDeclaredEvent(node) || this.#face.isEvent(node) || this.#face.decoratorsOf(node).length > 0;
  }

  #readField(node: FieldNode, { derived, machine, types }: Owner): FieldModel {
    const nameNode = node.getNameNode();
    const name = Node.isPropertyDeclaration(node) ? nameOfMember(node) : node.getName();
    const isAccessor = Node.isPropertyDeclaration(node) && node.hasAccessorKeyword();
    const isHidden = name.startsWith('#') || isAccessor;
    const isDerived = derived.has(name);
    return {
      name,
      position: this.#locate(nameNode),
      type: isHidden || isDerived ? undefined : readFieldType(node, name, machine, types),
      isDeclared: Node.isPropertyDeclaration(node) && node.hasDeclareKeyword(),
      isHidden,
      isDerived,
      fault: isHidden ? undefined : this.#faultOf(node, name, machine),
    };
  }

  #faultOf(node: FieldNode, name: string, machine: ClassDeclaration): FieldModel['fault'] {
    const nameNode = node.getNameNode();
    if (Node.isComputedPropertyName(nameNode)) {
      // Names that are constants of a text are as good as written out.
      const isText = nameNode.getExpression().getType().isStringLiteral();
      return isText ? undefined : { fault: 'symbol-name', text: name, steps: '' };
    }
    const symbol = machine.getType().getProperty(name);
    // As the machine sees it: with the type arguments that it gave to its base class.
    const type = symbol ? symbol.getTypeAtLocation(machine) : node.getType();
    return findStateFault(type, machine, this.#library);
  }

  #derivedOf(node: ClassMemberTypes): Decorator | undefined {
    const decorators = Node.isDecoratable(node) ? node.getDecorators() : [];
    return decorators.find((decorator) => {
      const expression = decorator.getCallExpression()?.getExpression() ?? decorator.getExpression();
      return this.#words.nameOf(expression) === 'derived';
    });
  }

  #readStray(node: ClassMemberTypes): readonly StrayDerivedModel[] {
    const decorator = this.#derivedOf(node);
    if (!decorator) return [];
    const operation: DecoratorName | undefined = this.#face.decoratorsOf(node)[0]?.name;
    const isField = Node.isPropertyDeclaration(node) && !node.isStatic();
    if (isField && operation === undefined) return [];
    const position = this.#locate(decorator);
    return [{ name: nameOfMember(node), position, is: operation ?? 'no-field' }];
  }
}

/** Fields as they are written and as parameters of constructors declare them, the nearest class first. */
function* fieldsOf(classes: readonly ClassNode[]): Iterable<readonly [FieldNode, string]> {
  for (const declaration of classes) {
    for (const node of declaration.getMembers()) {
      if (Node.isPropertyDeclaration(node) && !node.isStatic() && !node.isAbstract()) {
        const name = nameOfMember(node);
        // Private names of two classes are two fields.
        yield [node, name.startsWith('#') ? `${name}@${declaration.getStart()}` : name];
      }
      const parameters = Node.isConstructorDeclaration(node) ? node.getParameters() : [];
      for (const parameter of parameters) {
        if (parameter.isParameterProperty()) yield [parameter, parameter.getName()];
      }
    }
  }
}

function isHook(name: string): name is HookName {
  return HOOKS.has(name);
}
