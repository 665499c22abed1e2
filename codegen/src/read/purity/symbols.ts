import { type Project, ts } from 'ts-morph';
import { nodeModuleOf } from './node-modules.js';

/** What an imported name stands for, where that is not the user's. */
export interface Import {
  readonly module: string;
  /** `undefined` for the module as a whole. */
  readonly name: string | undefined;
}

/**
 * Names to what they stand for. Works on the compiler's own nodes: all bodies that operations reach are walked, and to wrap
 * every node would take longer than all the rest. Good for one state of the files.
 */
export class Symbols {
  readonly #project: Project;
  readonly #libraries = new Map<ts.SourceFile, boolean>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** Made when it is first asked for: a run that reads no file anew needs none. */
  get checker(): ts.TypeChecker {
    return this.#project.getTypeChecker().compilerObject;
  }

  /** Behind all imports and exports, as far as they can be resolved. */
  of(node: ts.Node): ts.Symbol | undefined {
    const symbol = this.direct(node);
    return symbol && this.target(symbol);
  }

  /** As the name is in its own scope: an import is an alias. */
  direct(node: ts.Node): ts.Symbol | undefined {
    const { parent } = node;
    if (ts.isShorthandPropertyAssignment(parent) && parent.name === node) {
      return this.checker.getShorthandAssignmentValueSymbol(parent);
    }
    return this.checker.getSymbolAtLocation(node);
  }

  target(symbol: ts.Symbol): ts.Symbol {
    return isAlias(symbol) ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** Where a name was imported from one of Node's modules, directly or through the user's own. */
  importOf(symbol: ts.Symbol): Import | undefined {
    for (let hop: ts.Symbol | undefined = symbol; hop && isAlias(hop);) {
      for (const declaration of hop.declarations ?? []) {
        const found = importAt(declaration);
        if (found) return found;
      }
      hop = this.checker.getImmediateAliasedSymbol(hop);
    }
    return undefined;
  }

  /** What the language, the browser or Node declares, and what users declare to be there without making it. */
  isGlobal(symbol: ts.Symbol): boolean {
    const { declarations = [] } = symbol;
    return declarations.length > 0 && declarations.every((declaration) => this.#isAmbient(declaration));
  }

  /** Whether the language's library, or that of Node, declares it. */
  isOfLibrary(symbol: ts.Symbol): boolean {
    return (symbol.declarations ?? []).some((declaration) => this.isLibrary(declaration.getSourceFile()));
  }

  isLibrary(file: ts.SourceFile): boolean {
    let known = this.#libraries.get(file);
    if (known === undefined) {
      known =
        this.#project.getProgram().compilerObject.isSourceFileDefaultLibrary(file) ||
        /\/node_modules\/(?:@types\/(?:node|web|bun|deno)|bun-types)\//.test(file.fileName);
      this.#libraries.set(file, known);
    }
    return known;
  }

  /** Whether it stands in a file of the user's that has bodies. */
  isUsers(node: ts.Node): boolean {
    const file = node.getSourceFile();
    return !file.isDeclarationFile && !file.fileName.includes('/node_modules/');
  }

  /** The library's type of which a member is: `Date` of `date.getHours`. */
  ownerOf(member: ts.Symbol): string | undefined {
    for (const declaration of member.declarations ?? []) {
      const { parent } = declaration;
      if (!ts.isInterfaceDeclaration(parent) && !ts.isClassDeclaration(parent)) continue;
      if (parent.name && this.isLibrary(parent.getSourceFile())) return parent.name.text;
    }
    return undefined;
  }

  /** The name of a library's type: `Date`, `Map`; `undefined` for any other. */
  libraryTypeOf(node: ts.Node): string | undefined {
    const symbol = this.typeOf(node).getSymbol();
    return symbol && this.isOfLibrary(symbol) ? symbol.name : undefined;
  }

  typeOf(node: ts.Node): ts.Type {
    return this.checker.getNonNullableType(this.checker.getTypeAtLocation(node));
  }

  #isAmbient(declaration: ts.Declaration): boolean {
    const file = declaration.getSourceFile();
    if (this.isLibrary(file) || isWithinGlobal(declaration)) return true;
    // What a package declares for those who import it is nobody's global.
    if (file.isDeclarationFile && ts.isExternalModule(file)) return false;
    const flags = ts.getCombinedModifierFlags(declaration);
    return (flags & ts.ModifierFlags.Ambient) !== 0 && (flags & ts.ModifierFlags.Export) === 0;
  }
}

export function isAlias(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Alias) !== 0;
}

function isWithinGlobal(declaration: ts.Declaration): boolean {
  for (let node: ts.Node = declaration; node.parent; node = node.parent) {
    if (ts.isModuleDeclaration(node) && node.name.text === 'global') return true;
  }
  return false;
}

function importAt(declaration: ts.Declaration): Import | undefined {
  const name =
    ts.isImportSpecifier(declaration) || ts.isExportSpecifier(declaration)
      ? (declaration.propertyName ?? declaration.name).text
      : undefined;
  const specifier = specifierOf(declaration);
  const module = specifier === undefined ? undefined : nodeModuleOf(specifier);
  return module === undefined ? undefined : { module, name: name === 'default' ? undefined : name };
}

/** The text behind `from`. */
function specifierOf(declaration: ts.Node): string | undefined {
  for (let node: ts.Node | undefined = declaration; node && !ts.isSourceFile(node); node = node.parent) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      return node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)
        ? node.moduleSpecifier.text
        : undefined;
    }
    if (ts.isImportEqualsDeclaration(node)) {
      const { moduleReference } = node;
      const expression = ts.isExternalModuleReference(moduleReference) && moduleReference.expression;
      return expression && ts.isStringLiteral(expression) ? expression.text : undefined;
    }
  }
  return undefined;
}
