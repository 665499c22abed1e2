import {
  type CallExpression,
  type ClassDeclaration,
  type ClassMemberTypes,
  type MethodDeclaration,
  Node,
  type PropertyDeclaration,
  Scope,
} from 'ts-morph';
import type {
  ClassModel,
  DecoratorModel,
  DecoratorName,
  MemberForm,
  MemberModel,
  MemberTrait,
} from '../model.js';
import { type FaceReader, type FacingMember, nameOfMember } from './class-chain.js';
import { readErrors } from './declared-errors.js';
import type { DecoraftWords } from './decoraft-words.js';
import { readDecoratorOptions } from './decorator-options.js';
import type { Locate } from './positions.js';
import {
  NO_SIGNATURE,
  readProcedure,
  readSignature,
  readSourceType,
  type SignatureModel,
} from './signatures.js';
import type { TypeContext } from './type-context.js';

const DECORATORS: ReadonlySet<string> = new Set<DecoratorName>(['cmd', 'qry', 'sub', 'rpc']);

/** The class whose member is read. */
interface Owner {
  readonly kind: ClassModel['kind'];
  readonly declaration: ClassDeclaration;
}

/** Reads members of decorated classes. */
export class MemberReader implements FaceReader {
  readonly #words: DecoraftWords;
  readonly #locate: Locate;

  constructor(words: DecoraftWords, locate: Locate) {
    this.#words = words;
    this.#locate = locate;
  }

  /** Those of Decoraft; other people's are none of ours. */
  decoratorsOf(node: ClassMemberTypes): readonly DecoratorModel[] {
    const decorators = Node.isDecoratable(node) ? node.getDecorators() : [];
    return decorators.flatMap((decorator) => {
      const options = decorator.getCallExpression();
      const name = this.#words.nameOf(options?.getExpression() ?? decorator.getExpression());
      if (name === undefined || !DECORATORS.has(name)) return [];
      const position = this.#locate(decorator);
      return [{ name: name as DecoratorName, position, ...readDecoratorOptions(decorator) }];
    });
  }

  /** Whether a field is initialised with `event<…>()`. */
  isEvent(node: ClassMemberTypes): node is PropertyDeclaration {
    return this.#eventCall(node) !== undefined;
  }

  read({ node, comment, decorators }: FacingMember, owner: Owner, types: TypeContext): MemberModel {
    const call = this.#eventCall(node);
    const signature = call
      ? this.#readEvent(node, call, owner.declaration, types)
      : this.#readMethod(node, owner, types);
    return {
      name: nameOfMember(node),
      position: this.#locate(Node.hasName(node) ? node.getNameNode() : node),
      documentation: comment?.getText(),
      decorators,
      form: formOf(node, call, signature),
      traits: traitsOf(node),
      ...(signature ?? NO_SIGNATURE),
      resultPosition: this.#locate(resultNode(node) ?? node),
      errors: owner.kind === 'machine' && !call ? readErrors(comment, types, this.#locate) : [],
    };
  }

  #eventCall(node: ClassMemberTypes): CallExpression | undefined {
    const call = Node.isPropertyDeclaration(node) ? node.getInitializer() : undefined;
    if (!Node.isCallExpression(call)) return undefined;
    return this.#words.nameOf(call.getExpression()) === 'event' ? call : undefined;
  }

  #readMethod(
    node: ClassMemberTypes,
    { declaration, kind }: Owner,
    types: TypeContext,
  ): SignatureModel | undefined {
    if (!Node.isMethodDeclaration(node) || node.isStatic()) return undefined;
    const symbol = declaration.getType().getProperty(nameOfMember(node));
    // A mixin may say less of its class than there is: then what is written stands for itself.
    const seen = symbol && types.typeOf(symbol).getCallSignatures()[0];
    const signature = seen ?? node.getType().getCallSignatures()[0];
    if (!signature) return undefined;
    return kind === 'service'
      ? readProcedure(signature, node, types, this.#locate)
      : readSignature(signature, node, types, this.#locate);
  }

  /** Within a generic base, what the machine made of it; elsewhere what is written. */
  #readEvent(
    node: ClassMemberTypes,
    call: CallExpression,
    machine: ClassDeclaration,
    types: TypeContext,
  ): SignatureModel | undefined {
    const [written] = call.getTypeArguments();
    if (hasTypeParametersAround(node)) {
      const symbol = machine.getType().getProperty(nameOfMember(node));
      const source = symbol && readSourceType(types.typeOf(symbol), call, types, this.#locate);
      if (source) return source;
    }
    const signature = written?.getType().getCallSignatures()[0];
    return signature && readSignature(signature, written, types, this.#locate);
  }
}

/** Those of its class, and of the functions that the class is made in. */
function hasTypeParametersAround(node: Node): boolean {
  return node
    .getAncestors()
    .some((around) => Node.isTypeParametered(around) && around.getTypeParameters().length > 0);
}

function formOf(
  node: ClassMemberTypes,
  call: CallExpression | undefined,
  signature: SignatureModel | undefined,
): MemberForm {
  if (call) return signature ? 'event' : 'unreadable-event';
  return Node.isMethodDeclaration(node) ? 'method' : 'other';
}

function traitsOf(node: ClassMemberTypes): readonly MemberTrait[] {
  const traits: MemberTrait[] = [];
  const scope = Node.isScoped(node) ? node.getScope() : Scope.Public;
  if (scope !== Scope.Public) traits.push(scope);
  if (nameOfMember(node).startsWith('#')) traits.push('private');
  if (Node.isStaticable(node) && node.isStatic()) traits.push('static');
  if (Node.isAbstractable(node) && node.isAbstract()) traits.push('abstract');
  if (Node.hasName(node) && Node.isComputedPropertyName(node.getNameNode())) traits.push('computed-name');
  if (Node.isMethodDeclaration(node)) traits.push(...traitsOfMethod(node));
  return traits;
}

function traitsOfMethod(node: MethodDeclaration): readonly MemberTrait[] {
  const traits: MemberTrait[] = [];
  if (node.isAsync()) traits.push('async');
  if (node.isGenerator()) traits.push('generator');
  if (node.getTypeParameters().length > 0) traits.push('generic');
  if (!node.isAbstract() && node.getOverloads().length > 0) traits.push('overloaded');
  return traits;
}

function resultNode(node: ClassMemberTypes): Node | undefined {
  if (Node.isMethodDeclaration(node)) return node.getReturnTypeNode() ?? node.getNameNode();
  if (!Node.isPropertyDeclaration(node)) return undefined;
  const call = node.getInitializer();
  const written = Node.isCallExpression(call) ? call.getTypeArguments()[0] : undefined;
  return Node.isFunctionTypeNode(written) ? written.getReturnTypeNode() : (written ?? node.getNameNode());
}
