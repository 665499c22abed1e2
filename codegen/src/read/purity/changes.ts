import { ts } from 'ts-morph';
import { changesFirstArgument, gives, isStatefulPattern, MUTATORS, VISITORS } from './mutators.js';
import type { References } from './references.js';
import type { Symbols } from './symbols.js';
import {
  assignmentOf,
  functionOf,
  isMemberOf,
  isTransparent,
  type Member,
  nameNodeOf,
  nameOf,
  someOfThis,
  unwrap,
} from './syntax.js';

/** What becomes of what a name stands for. */
interface Uses {
  /** The expressions that change it. */
  readonly changes: ts.Node[];
  /** Whether the function gives it, or a part of it, to its caller. */
  isReturned: boolean;
  /** The function that is looked at. */
  readonly root: ts.Node | undefined;
  readonly seen: Set<ts.Node>;
}

/** A value on its way through expressions. */
interface Flow {
  readonly node: ts.Node;
  /** Whether it can be assigned to and the assignment changes what is looked at. */
  readonly isPlace: boolean;
  /** Whether it is an object made on the way, such as an iterator. */
  readonly isFresh: boolean;
}

/**
 * Where the use of a name changes what it names: `table.set(…)`, `list[0].count++`, `const entry = table.get(key)!;
 * entry.count = 1`, and what the user's functions do to what they are given.
 */
export class Changes {
  readonly #symbols: Symbols;
  readonly #references: References;
  readonly #ofThis = new Map<ts.Node, Uses>();
  readonly #ofParameters = new Map<ts.Node, Uses>();

  constructor(symbols: Symbols, references: References) {
    this.#symbols = symbols;
    this.#references = references;
  }

  /**
   * The expressions that do.
   *
   * @param reference The name in its place, or `this`.
   * @param isVariable Whether to give it another value is a change as well.
   */
  of(reference: ts.Node, isVariable = false): readonly ts.Node[] {
    const uses = emptyUses(undefined);
    this.#follow({ node: reference, isPlace: isVariable, isFresh: false }, uses);
    return uses.changes;
  }

  #follow(from: Flow, uses: Uses): void {
    let next: Flow | undefined = from;
    while (next) {
      const { node, isPlace } = next;
      const assignment = isPlace ? assignmentOf(node) : undefined;
      if (assignment) return void uses.changes.push(assignment);
      next = this.#step(next, uses);
    }
  }

  #step(flow: Flow, uses: Uses): Flow | undefined {
    const { node } = flow;
    const { parent } = node;
    if (isTransparent(parent, node)) return { ...flow, node: parent };
    if (isMemberOf(parent, node)) {
      const call = parent.parent;
      const isCalled = ts.isCallExpression(call) && call.expression === parent;
      return isCalled ? this.#methodCall(parent, call, flow, uses) : { ...flow, node: parent, isPlace: true };
    }
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return this.#argument(parent, flow, uses);
    this.#name(parent, flow, uses);
    return undefined;
  }

  /** Where the value gets another name, or is given away. */
  #name(parent: ts.Node, { node, isFresh }: Flow, uses: Uses): void {
    if (ts.isVariableDeclaration(parent) && parent.initializer === node) {
      this.#names(parent.name, parent, isFresh, uses);
    } else if (ts.isForOfStatement(parent) && parent.expression === node) {
      const { initializer } = parent;
      const [variable] = ts.isVariableDeclarationList(initializer) ? initializer.declarations : [];
      if (variable) this.#names(variable.name, variable, false, uses);
    } else if (ts.isBinaryExpression(parent) && parent.right === node && ts.isIdentifier(parent.left)) {
      const declaration = this.#symbols.of(parent.left)?.valueDeclaration;
      const isLocal =
        declaration && ts.isVariableDeclaration(declaration) && ts.isIdentifier(declaration.name);
      const isAssigned = parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
      if (isLocal && isAssigned) this.#names(declaration.name, parent, isFresh, uses);
    } else {
      const isResult =
        ts.isReturnStatement(parent) ||
        (ts.isArrowFunction(parent) && parent.body === (node as ts.ConciseBody));
      if (isResult && functionAt(parent) === uses.root) uses.isReturned = true;
    }
  }

  #methodCall(member: Member, call: ts.CallExpression, { isFresh }: Flow, uses: Uses): Flow | undefined {
    const name = nameOf(member);
    const nameNode = ts.isPropertyAccessExpression(member) ? member.name : member.argumentExpression;
    const declared = this.#symbols
      .of(nameNode)
      ?.declarations?.find((declaration) => this.#symbols.isUsers(declaration));
    if (declared) {
      const method = functionOf(declared);
      const own = method && this.#usesOfThis(method);
      if (own && own.changes.length > 0) uses.changes.push(call);
      return own?.isReturned === true ? { node: call, isPlace: false, isFresh: false } : undefined;
    }
    if (name === undefined) return undefined;
    const changes = MUTATORS.test(name) || isStatefulPattern(member, name, this.#symbols);
    if (changes && !(isFresh && name === 'next')) return void uses.changes.push(call);
    if (VISITORS.has(name)) for (const argument of call.arguments) this.#visitor(argument, uses);
    const given = gives(name);
    return given && { node: call, isPlace: false, isFresh: given === 'iterator' };
  }

  /** `list.forEach((entry) => …)` */
  #visitor(argument: ts.Expression, uses: Uses): void {
    const callback = unwrap(argument);
    if (!ts.isArrowFunction(callback) && !ts.isFunctionExpression(callback)) return;
    const [first] = callback.parameters;
    if (first) this.#names(first.name, first, false, uses);
  }

  #argument(call: ts.CallExpression | ts.NewExpression, { node }: Flow, uses: Uses): Flow | undefined {
    const at = call.arguments?.findIndex((argument) => argument === node) ?? -1;
    if (at < 0 || ts.isNewExpression(call)) return undefined;
    if (changesFirstArgument(call)) return at === 0 ? void uses.changes.push(call) : undefined;
    const declared = this.#symbols.of(nameNodeOf(call.expression))?.valueDeclaration;
    const callee = declared && this.#symbols.isUsers(declared) ? functionOf(declared) : undefined;
    const parameter = callee?.parameters[at] ?? callee?.parameters.find((each) => each.dotDotDotToken);
    if (!callee || !parameter) return undefined;
    const own = this.#usesOfParameter(parameter, callee);
    if (own.changes.length > 0) uses.changes.push(call);
    return own.isReturned ? { node: call, isPlace: false, isFresh: false } : undefined;
  }

  #usesOfThis(method: ts.FunctionLikeDeclaration): Uses {
    const known = this.#ofThis.get(method);
    if (known) return known;
    const uses = emptyUses(method);
    this.#ofThis.set(method, uses);
    someOfThis(method, (node) => {
      this.#follow({ node, isPlace: false, isFresh: false }, uses);
      return false;
    });
    return uses;
  }

  #usesOfParameter(parameter: ts.ParameterDeclaration, root: ts.FunctionLikeDeclaration): Uses {
    const known = this.#ofParameters.get(parameter);
    if (known) return known;
    const uses = emptyUses(root);
    this.#ofParameters.set(parameter, uses);
    this.#names(parameter.name, parameter, false, uses);
    return uses;
  }

  /**
   * What becomes of a local name, or of each of a pattern.
   *
   * @param from Where the name got the value: it has it behind that place, until it gets another.
   */
  #names(name: ts.BindingName, from: ts.Node, isFresh: boolean, uses: Uses): void {
    if (!ts.isIdentifier(name)) {
      for (const element of name.elements) {
        if (!ts.isBindingElement(element) || element.dotDotDotToken) continue;
        this.#names(element.name, from, isFresh, uses);
      }
      return;
    }
    if (uses.seen.has(from) && ts.isIdentifier(name) && uses.seen.has(name)) return;
    uses.seen.add(from).add(name);
    const references = this.#references.of(name.parent as ts.NamedDeclaration, name.getSourceFile());
    const others = references
      .map((reference) => newValueOf(reference))
      .filter((other) => other !== undefined);
    for (const reference of references) {
      const isLater = reference.pos > from.pos || ts.isParameter(from);
      const isReplaced = others.some(
        (other) =>
          other !== from &&
          other.pos > from.pos &&
          other.end <= reference.pos &&
          isSureBefore(other, reference),
      );
      if (isLater && !isReplaced) this.#follow({ node: reference, isPlace: false, isFresh }, uses);
    }
  }
}

function emptyUses(root: ts.Node | undefined): Uses {
  return { changes: [], isReturned: false, root, seen: new Set() };
}

function functionAt(node: ts.Node): ts.Node | undefined {
  let outer: ts.Node | undefined = node;
  while (outer && !ts.isFunctionLike(outer)) outer = outer.parent;
  return outer;
}

/** `list = […]`, where `reference` is the left side. */
function newValueOf(reference: ts.Node): ts.BinaryExpression | undefined {
  const { parent } = reference;
  const isAssignment =
    ts.isBinaryExpression(parent) &&
    parent.left === reference &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return isAssignment ? parent : undefined;
}

/** Whether whoever comes to `later` has been at the statement of `earlier`. */
function isSureBefore(earlier: ts.BinaryExpression, later: ts.Node): boolean {
  const statement = earlier.parent;
  if (!ts.isExpressionStatement(statement)) return false;
  for (let outer: ts.Node = later; outer; outer = outer.parent) if (outer === statement.parent) return true;
  return false;
}
