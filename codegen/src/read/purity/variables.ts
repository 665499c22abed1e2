import { ts } from 'ts-morph';
import type { Changes } from './changes.js';
import type { References } from './references.js';
import type { ModuleVariable } from './summary.js';
import type { Symbols } from './symbols.js';
import { functionAround, functionOf, isConstant, nameNodeOf, unwrap } from './syntax.js';

/**
 * Tells variables of modules that change while a node runs from those that are made once: each node has its own, no
 * snapshot has them, and what happened to them is not in the log.
 */
export class Variables {
  readonly #symbols: Symbols;
  readonly #references: References;
  readonly #changes: Changes;
  readonly #known = new Map<ModuleVariable, Map<ts.SourceFile, boolean>>();
  readonly #holding = new Map<ts.Node, readonly ts.Node[]>();

  constructor(symbols: Symbols, references: References, changes: Changes) {
    this.#symbols = symbols;
    this.#references = references;
    this.#changes = changes;
  }

  /**
   * What is wrong with using a variable: the use, where anybody changes it, or what a function that it holds changes.
   *
   * @param files Those that a machine leads to: who else changes the variable, no machine of the run imports.
   */
  faultsOf(variable: ModuleVariable, use: ts.Node, files: readonly ts.SourceFile[]): readonly ts.Node[] {
    const among = [variable.getSourceFile(), ...files];
    if (among.some((file) => this.#isChangedIn(variable, file))) return [use];
    return variable.initializer ? this.#heldBy(variable.initializer) : [];
  }

  /** What a module does to its own while it is loaded is the same everywhere. */
  #isChangedIn(variable: ModuleVariable, file: ts.SourceFile): boolean {
    const known = this.#known.get(variable) ?? new Map<ts.SourceFile, boolean>();
    this.#known.set(variable, known);
    let isChanged = known.get(file);
    if (isChanged === undefined) {
      const isVariable = !isConstant(variable);
      isChanged = this.#references
        .of(variable, file)
        .some((name) => functionAround(name) && this.#changes.of(placeOf(name), isVariable).length > 0);
      known.set(file, isChanged);
    }
    return isChanged;
  }

  /** `const next = counter()`, where what `counter` gives goes on changing a variable of that call. */
  #heldBy(initializer: ts.Expression): readonly ts.Node[] {
    const call = unwrap(initializer);
    if (!ts.isCallExpression(call)) return [];
    const callee = unwrap(call.expression);
    const inline = ts.isArrowFunction(callee) || ts.isFunctionExpression(callee) ? callee : undefined;
    const declaration = this.#symbols.of(nameNodeOf(call.expression))?.valueDeclaration;
    const maker =
      inline ?? (declaration && this.#symbols.isUsers(declaration) ? functionOf(declaration) : undefined);
    return maker && this.#givesFunctions(call) ? this.#changedIn(maker) : [];
  }

  /** A function, or an object with methods that are no library's. */
  #givesFunctions(call: ts.CallExpression): boolean {
    const type = this.#symbols.typeOf(call);
    if (type.getCallSignatures().length > 0) return true;
    return type.getProperties().some((property) => {
      const [declaration] = property.declarations ?? [];
      if (!declaration || !this.#symbols.isUsers(declaration)) return false;
      return this.#symbols.checker.getTypeOfSymbol(property).getCallSignatures().length > 0;
    });
  }

  /** What functions in it change of its own variables. */
  #changedIn(maker: ts.FunctionLikeDeclaration): readonly ts.Node[] {
    const known = this.#holding.get(maker);
    if (known) return known;
    const changes = variablesOf(maker).flatMap((variable) =>
      this.#references
        .of(variable, maker.getSourceFile())
        .filter((name) => functionAround(name) !== maker)
        .flatMap((name) => this.#changes.of(name, true)),
    );
    this.#holding.set(maker, changes);
    return changes;
  }
}

/** A static field is named behind its class. */
function placeOf(name: ts.Node): ts.Node {
  const { parent } = name;
  return ts.isPropertyAccessExpression(parent) && parent.name === name ? parent : name;
}

/** Its own, not those of functions in it. */
function variablesOf(maker: ts.FunctionLikeDeclaration): readonly ts.NamedDeclaration[] {
  const found: ts.NamedDeclaration[] = [...maker.parameters];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isVariableDeclaration(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  if (maker.body) visit(maker.body);
  return found;
}
