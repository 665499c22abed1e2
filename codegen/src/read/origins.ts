import { Node, type SourceFile, type Symbol as TypeScriptSymbol, type ts } from 'ts-morph';
import type { Origin } from '../type-model.js';

interface PackageName {
  readonly specifier: string;
  readonly exportedName: string;
}

/** Finds where the name of a type can be imported from. */
export class Origins {
  readonly #exports = new Map<SourceFile, ReadonlyMap<ts.Symbol, string>>();
  readonly #imports = new Map<SourceFile, ReadonlyMap<ts.Symbol, PackageName>>();

  /**
   * @param symbol No alias.
   * @param users Files that use the name: how they import it from a package is how a generated file does.
   */
  find(symbol: TypeScriptSymbol, users: readonly SourceFile[]): Origin {
    for (const user of users) {
      const found = this.#packageImportsOf(user).get(symbol.compilerSymbol);
      if (found) return { kind: 'package', ...found };
    }
    const file = symbol.getDeclarations()[0]?.getSourceFile();
    if (!file) return { kind: 'not-exported' };
    const exportedName = this.exportedName(symbol, file);
    if (exportedName !== undefined && !file.isInNodeModules()) {
      return { kind: 'file', path: file.getFilePath(), exportedName };
    }
    return isGlobal(symbol) ? { kind: 'global' } : { kind: 'not-exported' };
  }

  /** The name under which `file` exports `symbol`; its own before any other, `default` last. */
  exportedName(symbol: TypeScriptSymbol, file: SourceFile): string | undefined {
    let names = this.#exports.get(file);
    if (!names) {
      names = namesOf(file.getExportSymbols());
      this.#exports.set(file, names);
    }
    return names.get(symbol.compilerSymbol);
  }

  #packageImportsOf(file: SourceFile): ReadonlyMap<ts.Symbol, PackageName> {
    let imports = this.#imports.get(file);
    if (!imports) {
      imports = readPackageImports(file);
      this.#imports.set(file, imports);
    }
    return imports;
  }
}

/** A symbol without the aliases that imports and exports put before it. */
export function withoutAliases(symbol: TypeScriptSymbol): TypeScriptSymbol {
  return symbol.isAlias() ? (symbol.getAliasedSymbol() ?? symbol) : symbol;
}

function namesOf(exported: readonly TypeScriptSymbol[]): Map<ts.Symbol, string> {
  const names = new Map<ts.Symbol, string>();
  for (const entry of exported) {
    const symbol = withoutAliases(entry);
    const known = names.get(symbol.compilerSymbol);
    const name = entry.getName();
    if (known === undefined || known === 'default' || name === symbol.getName()) {
      names.set(symbol.compilerSymbol, name);
    }
  }
  return names;
}

function readPackageImports(file: SourceFile): ReadonlyMap<ts.Symbol, PackageName> {
  const names = new Map<ts.Symbol, PackageName>();
  for (const declaration of file.getImportDeclarations()) {
    const specifier = declaration.getModuleSpecifierValue();
    if (specifier.startsWith('.') || specifier.startsWith('/')) continue;
    const module = declaration.getNamespaceImport() && declaration.getModuleSpecifierSourceFile();
    for (const [symbol, exportedName] of module ? namesOf(module.getExportSymbols()) : []) {
      names.set(symbol, { specifier, exportedName });
    }
    const imported = declaration
      .getNamedImports()
      .map((named) => [named.getNameNode(), named.getName()] as const);
    const byDefault = declaration.getDefaultImport();
    for (const [node, exportedName] of byDefault
      ? [...imported, [byDefault, 'default'] as const]
      : imported) {
      const symbol = node.getSymbol();
      if (symbol) names.set(withoutAliases(symbol).compilerSymbol, { specifier, exportedName });
    }
  }
  return names;
}

/** Declared at the top of a file that is no module, or with `declare global`. */
function isGlobal(symbol: TypeScriptSymbol): boolean {
  return symbol.getDeclarations().some((declaration) => {
    const scope = declaration.getParent();
    if (Node.isSourceFile(scope)) return !isModuleFile(scope);
    const outer = scope?.getParent();
    return Node.isModuleDeclaration(outer) && outer.hasDeclareKeyword() && outer.getName() === 'global';
  });
}

function isModuleFile(file: SourceFile): boolean {
  return file
    .getStatements()
    .some(
      (statement) =>
        Node.isImportDeclaration(statement) ||
        Node.isExportDeclaration(statement) ||
        Node.isExportAssignment(statement) ||
        (Node.isExportable(statement) && statement.isExported()),
    );
}
