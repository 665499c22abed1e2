import { ts } from 'ts-morph';
import type { ImpurityKind } from '../../model.js';
import { type GlobalPath, type GlobalPaths, isNamespace, variableOf, verdictOf } from './global-paths.js';
import type { DeclaredNames } from './declared-names.js';
import { impurityOfConstruction, impurityOfDateCall } from './dates.js';
import { changesFirstArgument } from './mutators.js';
import { impurityOfOperator, impurityOfText, isExactPower } from './operators.js';
import {
  assignmentOf,
  functionOf,
  hasOwnThis,
  isAsync,
  isAwaitUsing,
  isConstant,
  isConstructed,
  isIterator,
  isModuleVariable,
  isReference,
  isStatic,
  isType,
  type Member,
  nameOf,
  unwrap,
} from './syntax.js';
import { isUnstableSort } from './comparators.js';
import type { Lead, Offence, Summary } from './summary.js';
import { isAlias, type Symbols } from './symbols.js';
import { METHOD_NAMES, verdictOfMethod } from './verdicts.js';

/** Reads pieces of code, each once. */
export class Summarizer {
  readonly #symbols: Symbols;
  readonly #paths: GlobalPaths;
  readonly #names: DeclaredNames;
  readonly #summaries = new Map<ts.Node, Summary>();

  constructor(symbols: Symbols, paths: GlobalPaths, names: DeclaredNames) {
    this.#symbols = symbols;
    this.#paths = paths;
    this.#names = names;
  }

  of(code: ts.Node): Summary {
    let summary = this.#summaries.get(code);
    if (!summary) {
      const walk = new Walk(this.#symbols, this.#paths, this.#names);
      walk.enter(code);
      summary = { offences: walk.offences, leads: walk.leads };
      this.#summaries.set(code, summary);
    }
    return summary;
  }
}

/** One way through a piece of code, with the functions that stand in it: they are taken for called. */
class Walk {
  readonly offences: Offence[] = [];
  readonly leads: Lead[] = [];
  readonly #symbols: Symbols;
  readonly #paths: GlobalPaths;
  readonly #names: DeclaredNames;
  /** How many functions with a `this` of their own are around. */
  #ownThis = 0;

  constructor(symbols: Symbols, paths: GlobalPaths, names: DeclaredNames) {
    this.#symbols = symbols;
    this.#paths = paths;
    this.#names = names;
  }

  enter(code: ts.Node): void {
    // There `this` is the class, which the compiler knows.
    if (isStatic(code)) this.#ownThis++;
    if (ts.isFunctionLike(code)) {
      for (const parameter of code.parameters) this.#visit(parameter);
      if ('body' in code && code.body) this.#visit(code.body);
    } else {
      this.#visit(code);
    }
  }

  readonly #visit = (node: ts.Node): void => {
    if (isType(node) || ts.isDecorator(node)) return;
    if (hasOwnThis(node)) {
      this.#ownThis++;
      this.#function(node);
      this.#ownThis--;
    } else {
      this.#step(node);
    }
  };

  /** An asynchronous one is told of by what it waits for, or else by itself. */
  #function(node: ts.Node): void {
    const before = this.offences.length;
    this.#children(node);
    const told = this.offences.slice(before).some(({ kind }) => kind === 'await');
    if (isAsync(node) && !told) this.#offend('await', node);
  }

  #step(node: ts.Node): void {
    switch (node.kind) {
      case ts.SyntaxKind.Identifier:
        return this.#identifier(node as ts.Identifier);
      case ts.SyntaxKind.PropertyAccessExpression:
      case ts.SyntaxKind.ElementAccessExpression:
        return this.#member(node as Member);
      case ts.SyntaxKind.CallExpression:
        return this.#call(node as ts.CallExpression);
      case ts.SyntaxKind.NewExpression:
        return this.#construction(node as ts.NewExpression);
      case ts.SyntaxKind.ArrowFunction:
        return this.#function(node);
      case ts.SyntaxKind.VariableDeclaration:
        return this.#variable(node as ts.VariableDeclaration);
      case ts.SyntaxKind.BinaryExpression:
        return this.#binary(node as ts.BinaryExpression);
      case ts.SyntaxKind.TypeOfExpression:
        return this.#typeOf(node as ts.TypeOfExpression);
      default:
        this.#syntax(node);
        return this.#children(node);
    }
  }

  #syntax(node: ts.Node): void {
    const isWaiting =
      ts.isAwaitExpression(node) ||
      (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
      (ts.isVariableDeclarationList(node) && isAwaitUsing(node));
    if (isWaiting) this.#offend('await', node);
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      this.#offend('environment', node);
    }
    const kind = impurityOfOperator(node, this.#symbols) ?? impurityOfText(node, this.#symbols);
    if (kind) this.#offend(kind, ts.isTemplateSpan(node) ? node.expression : node);
    if (ts.isForOfStatement(node) || ts.isSpreadElement(node)) this.#iteration(node.expression);
  }

  #children(node: ts.Node): void {
    ts.forEachChild(node, this.#visit);
  }

  #identifier(node: ts.Identifier): void {
    if (!isReference(node)) return;
    const path = this.#paths.of(node);
    if (path) return this.#path(path, node);
    const symbol = this.#symbols.of(node);
    if (symbol) this.#symbol(symbol, node);
  }

  #member(node: Member): void {
    const path = this.#paths.of(node);
    if (path && this.#isTold(path, node)) return;
    if (ts.isElementAccessExpression(node)) this.#visit(node.argumentExpression);
    const owner = unwrap(node.expression);
    const name = nameOf(node);
    if (owner.kind === ts.SyntaxKind.ThisKeyword || owner.kind === ts.SyntaxKind.SuperKeyword) {
      const kind = owner.kind === ts.SyntaxKind.ThisKeyword ? 'own' : 'super';
      if (name !== undefined && this.#ownThis === 0) return void this.leads.push({ kind, name, node });
    }
    if (!path) this.#memberOf(node, name);
    this.#visit(node.expression);
  }

  /** What the type of the receiver says that the member is. */
  #memberOf(node: Member, name: string | undefined): void {
    if (name === undefined || !(METHOD_NAMES.has(name) || this.#names.has(name))) return;
    const symbol = this.#symbols.of(
      ts.isPropertyAccessExpression(node) ? node.name : node.argumentExpression,
    );
    if (!symbol) return;
    if (!METHOD_NAMES.has(name) || !this.#symbols.isOfLibrary(symbol)) return this.#symbol(symbol, node);
    const owner = this.#symbols.ownerOf(symbol);
    const verdict = owner === undefined ? undefined : verdictOfMethod(owner, name);
    if (verdict) this.#offend(verdict.kind, node);
  }

  #call(node: ts.CallExpression): void {
    const { expression: callee } = node;
    if (callee.kind === ts.SyntaxKind.ImportKeyword) this.#offend('io', node);
    if (callee.kind === ts.SyntaxKind.SuperKeyword) return node.arguments.forEach(this.#visit);
    const path = this.#paths.of(callee);
    if (path) {
      const kind = isExactPower(path, node, this.#symbols)
        ? 'none'
        : impurityOfDateCall(path, node, this.#symbols);
      if (kind) {
        if (kind !== 'none') this.#offend(kind, node);
        return node.arguments.forEach(this.#visit);
      }
    }
    const [target] = node.arguments;
    if (target && changesFirstArgument(node) && this.#paths.of(target)) this.#offend('global', node);
    const text = impurityOfText(node, this.#symbols);
    if (text) this.#offend(text, node);
    if (isUnstableSort(node, this.#symbols)) this.#offend('order', node);
    this.#visit(callee);
    node.arguments.forEach(this.#visit);
    if (this.#isForeignPromise(node, path)) this.#offend('await', callee);
  }

  /** What somebody else's function gives: their bodies are not looked into. */
  #isForeignPromise(node: ts.CallExpression, path: GlobalPath | undefined): boolean {
    // What the library itself gives is told of by its own name.
    if (path) return verdictOf(path)?.kind === 'io' && this.#symbols.libraryTypeOf(node) === 'Promise';
    const callee = unwrap(node.expression);
    const declaration = this.#calleeOf(callee)?.valueDeclaration;
    if (!declaration || this.#symbols.isLibrary(declaration.getSourceFile())) return false;
    if (this.#symbols.isUsers(declaration) && functionOf(declaration)?.body) return false;
    return this.#symbols.libraryTypeOf(node) === 'Promise';
  }

  /** What is called, where that may be neither the library's nor one's own. */
  #calleeOf(callee: ts.Node): ts.Symbol | undefined {
    if (ts.isIdentifier(callee)) return this.#symbols.of(callee);
    if (!ts.isPropertyAccessExpression(callee)) return undefined;
    const isKnown = this.#names.has(callee.name.text) || this.#isImported(callee.expression);
    return isKnown ? this.#symbols.of(callee.name) : undefined;
  }

  #isImported(written: ts.Expression): boolean {
    const node = unwrap(written);
    if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) || ts.isNewExpression(node)) {
      return this.#isImported(node.expression);
    }
    const symbol = ts.isIdentifier(node) ? this.#symbols.direct(node) : undefined;
    return symbol !== undefined && isAlias(symbol);
  }

  #construction(node: ts.NewExpression): void {
    const path = this.#paths.of(node.expression);
    if (path) {
      const kind = impurityOfConstruction(path, node, this.#symbols);
      if (kind) this.#offend(kind, node);
      if (kind || verdictOf(path) === undefined) return node.arguments?.forEach(this.#visit);
    }
    this.#children(node);
  }

  /** `const now = Date.now`: told of where it is called. */
  #variable(node: ts.VariableDeclaration): void {
    const { initializer, name } = node;
    if (ts.isIdentifier(name) && this.#paths.isAlias(node)) return;
    if (!initializer || !ts.isObjectBindingPattern(name)) return this.#children(node);
    const path = this.#paths.of(initializer);
    if (initializer.kind === ts.SyntaxKind.ThisKeyword && this.#ownThis === 0) {
      for (const element of name.elements) {
        const key = element.propertyName ?? element.name;
        if (ts.isIdentifier(key)) this.leads.push({ kind: 'own', name: key.text, node: element });
      }
    }
    if (!path || !isNamespace(path)) return this.#children(node);
    for (const element of name.elements) {
      if (!this.#paths.isAlias(element)) this.#taken(path, element);
    }
  }

  /** `const { pid } = process` */
  #taken(path: GlobalPath, element: ts.BindingElement): void {
    const key = element.propertyName ?? element.name;
    const name = ts.isIdentifier(key) || ts.isStringLiteral(key) ? [key.text] : [];
    this.#isTold({ ...path, names: [...path.names, ...name] }, element);
  }

  #binary(node: ts.BinaryExpression): void {
    this.#syntax(node);
    const isTest = node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
    if (!isTest || !this.#paths.of(node.right)) return this.#children(node);
    this.#visit(node.left);
  }

  /** To ask whether something is there is no use of it. */
  #typeOf({ expression }: ts.TypeOfExpression): void {
    if (!ts.isIdentifier(expression)) this.#visit(expression);
  }

  /** What is gone through by an iterator of the user's own. */
  #iteration(expression: ts.Expression): void {
    if (!this.#names.hasIterators) return;
    const iterator = this.#symbols.typeOf(expression).getProperties().find(isIterator);
    const declaration = iterator?.declarations?.find((each) => this.#symbols.isUsers(each));
    const target = declaration && functionOf(declaration);
    if (target) this.leads.push({ kind: 'function', target, node: expression });
  }

  #path(path: GlobalPath, node: ts.Node): void {
    this.#isTold(path, node);
  }

  #isTold(path: GlobalPath, node: ts.Node): boolean {
    const isWritten = path.names.length > 0 && assignmentOf(node) !== undefined;
    const verdict = verdictOf(path);
    const isOwn = path.isOfRoot && path.names.length === 1 && !verdict && !this.#isOfLibrary(node);
    if (isWritten || isOwn) {
      this.#offend('global', node);
      return true;
    }
    if (!verdict) return this.#isUserGlobal(path, node);
    this.#offend(verdict.kind, node);
    return true;
  }

  /** `declare var counter: number` */
  #isUserGlobal(path: GlobalPath, node: ts.Node): boolean {
    if (!ts.isIdentifier(node) || path.names.length !== 1) return false;
    const declaration = this.#symbols.of(node)?.valueDeclaration;
    if (!declaration || !ts.isVariableDeclaration(declaration)) return false;
    if (this.#symbols.isLibrary(declaration.getSourceFile())) return false;
    if ((ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0) return false;
    this.#offend('global', node);
    return true;
  }

  #isOfLibrary(node: ts.Node): boolean {
    const name = ts.isPropertyAccessExpression(node) ? node.name : node;
    const symbol = this.#symbols.of(name);
    return symbol !== undefined && this.#symbols.isOfLibrary(symbol);
  }

  #symbol(symbol: ts.Symbol, node: ts.Node): void {
    for (const declaration of symbol.declarations ?? []) {
      if (!this.#symbols.isUsers(declaration)) continue;
      const target = functionOf(declaration);
      if (target) this.leads.push({ kind: 'function', target, node });
      if (ts.isClassLike(declaration) && isConstructed(node)) {
        this.leads.push({ kind: 'class', target: declaration, node });
      }
      // `next.count = 0` behind `function next() {}`
      const isAddition = ts.isBinaryExpression(declaration) || ts.isPropertyAccessExpression(declaration);
      if (isAddition && assignmentOf(node)) this.#offend('global', node);
      const variable = variableOf(declaration);
      if (isModuleVariable(variable) && !(target && isConstant(variable))) {
        this.leads.push({ kind: 'variable', target: variable, node });
      }
    }
  }

  #offend(kind: ImpurityKind, node: ts.Node): void {
    this.offences.push({ kind, node });
  }
}
