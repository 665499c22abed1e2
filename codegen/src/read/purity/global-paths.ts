import { ts } from 'ts-morph';
import type { Symbols } from './symbols.js';
import { isModuleVariable, unwrap } from './syntax.js';
import { isKnownGlobal, isObject, ROOTS, type Verdict, verdictOfGlobal } from './verdicts.js';
import { verdictOfModule } from './node-modules.js';

/** What an expression names, seen from the outside: `Date.now`, `globalThis.counter`, `node:fs`'s `readFileSync`. */
export interface GlobalPath {
  /** One of Node's modules; `undefined` for what is there without an import. */
  readonly module: string | undefined;
  readonly names: readonly string[];
  /** Whether it was reached as a property of the global object. */
  readonly isOfRoot: boolean;
}

/** Follows names to what the language, browsers and Node offer: through `const`, destructuring and the global object. */
export class GlobalPaths {
  readonly #symbols: Symbols;
  readonly #aliases = new Map<ts.Declaration, GlobalPath | undefined>();

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** `undefined` for what is the user's own. */
  of(written: ts.Node): GlobalPath | undefined {
    const node = unwrap(written);
    if (ts.isIdentifier(node)) return this.#ofIdentifier(node);
    if (ts.isPropertyAccessExpression(node)) return below(this.of(node.expression), node.name.text);
    if (ts.isElementAccessExpression(node)) {
      const { argumentExpression: key } = node;
      return ts.isStringLiteralLike(key) ? below(this.of(node.expression), key.text) : undefined;
    }
    return ts.isCallExpression(node) ? this.#ofRequire(node) : undefined;
  }

  /** Names that a `const` gives to what is no value yet are as good as what they name. */
  isAlias(declaration: ts.Declaration): boolean {
    return this.#ofDeclaration(declaration) !== undefined;
  }

  #ofIdentifier(node: ts.Identifier): GlobalPath | undefined {
    const symbol = this.#symbols.direct(node);
    if (!symbol || this.#symbols.checker.isUndefinedSymbol(symbol)) {
      return isKnownGlobal(node.text) ? named(node.text) : undefined;
    }
    const imported = this.#symbols.importOf(symbol);
    if (imported) return ofModule(imported.module, imported.name);
    const target = this.#symbols.target(symbol);
    if (node.text === 'globalThis' && !target.declarations?.length) return named(node.text);
    if (this.#symbols.isGlobal(target)) return named(target.name);
    const declaration = target.valueDeclaration;
    return declaration && this.#ofDeclaration(declaration);
  }

  #ofDeclaration(declaration: ts.Declaration): GlobalPath | undefined {
    if (!this.#aliases.has(declaration)) {
      // One that is made of itself has no path.
      this.#aliases.set(declaration, undefined);
      const path = this.#ofConstant(declaration);
      this.#aliases.set(declaration, path && isNamed(path, declaration) ? path : undefined);
    }
    return this.#aliases.get(declaration);
  }

  #ofConstant(declaration: ts.Node): GlobalPath | undefined {
    if (ts.isVariableDeclaration(declaration)) {
      const isConstant = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
      return isConstant && declaration.initializer ? this.of(declaration.initializer) : undefined;
    }
    if (!ts.isBindingElement(declaration) || !ts.isObjectBindingPattern(declaration.parent)) return undefined;
    if (declaration.dotDotDotToken || declaration.initializer) return undefined;
    const key = declaration.propertyName ?? declaration.name;
    const owner = this.#ofConstant(declaration.parent.parent);
    return ts.isIdentifier(key) || ts.isStringLiteral(key) ? below(owner, key.text) : undefined;
  }

  /** `require('node:fs')` */
  #ofRequire(call: ts.CallExpression): GlobalPath | undefined {
    const [specifier] = call.arguments;
    if (!ts.isIdentifier(call.expression) || call.expression.text !== 'require') return undefined;
    if (!specifier || !ts.isStringLiteralLike(specifier)) return undefined;
    return ofModule(specifier.text.replace(/^node:/, ''), undefined);
  }
}

/**
 * Whether a `const` is but another name, so that what it stands for is told of where it is used: an object, and a
 * function in a variable of a module. What a body takes for itself is told of where it takes it.
 */
function isNamed(path: GlobalPath, declaration: ts.Declaration): boolean {
  const verdict = verdictOf(path);
  if (!verdict || isNamespace(path)) return true;
  return !verdict.isValue && isModuleVariable(variableOf(declaration));
}

/** The whole declaration of which a name may be a part: `const { env } = process`. */
export function variableOf(declaration: ts.Node): ts.Node {
  let outer = declaration;
  while (ts.isBindingElement(outer)) outer = outer.parent.parent;
  return outer;
}

/** What is known of a path; of longer ones, what is known of their first two names. */
export function verdictOf({ module, names }: GlobalPath): Verdict | undefined {
  return module === undefined ? verdictOfGlobal(names) : verdictOfModule(module, names[0]);
}

/** An object that only its members make anything of: to give it a name is harmless. */
export function isNamespace({ module, names }: GlobalPath): boolean {
  const [first] = names;
  return first === undefined || (module === undefined && names.length === 1 && isObject(first));
}

function named(name: string): GlobalPath {
  return ROOTS.has(name)
    ? { module: undefined, names: [], isOfRoot: true }
    : { module: undefined, names: [name], isOfRoot: false };
}

function below(owner: GlobalPath | undefined, name: string): GlobalPath | undefined {
  if (!owner) return undefined;
  if (owner.module !== undefined && owner.names.length === 0) return ofModule(owner.module, name);
  if (owner.module === undefined && owner.names.length === 0 && ROOTS.has(name)) return owner;
  return { ...owner, names: [...owner.names, name] };
}

/** Modules whose members are globals as well go by the global's name. */
function ofModule(module: string, name: string | undefined): GlobalPath {
  const isOfRoot = false;
  if (module === 'process') {
    return { module: undefined, names: ['process', ...(name === undefined ? [] : [name])], isOfRoot };
  }
  const isGlobal =
    (module === 'perf_hooks' && name === 'performance') || (module === 'crypto' && name === 'webcrypto');
  if (isGlobal) {
    return { module: undefined, names: [name === 'performance' ? name : 'crypto'], isOfRoot };
  }
  if (name === 'default') return { module, names: [], isOfRoot };
  return { module, names: name === undefined ? [] : [name], isOfRoot };
}
