import { Node, type Project, type SourceFile, type Symbol as TypeScriptSymbol, type Type } from 'ts-morph';
import type { RuntimeModel } from '../model.js';
import type { BaseName } from './class-chain.js';
import { withoutAliases } from './origins.js';

/** What users install, and the packages behind it: who is built below the one cannot import it. */
const FACADE: RuntimeModel = { machine: 'decoraft', service: 'decoraft', client: 'decoraft/client' };
const PARTS: RuntimeModel = {
  machine: '@decoraft/state-machine',
  service: '@decoraft/service',
  client: '@decoraft/client',
};

/** Where the words that machines and services share are declared. */
const SHARED = '@decoraft/protocol';

const MODULES: ReadonlySet<string> = new Set([FACADE.machine, PARTS.machine, PARTS.service, SHARED]);

/**
 * Recognises what a user imported from Decoraft, under whatever name and through whatever module. Where the
 * package cannot be resolved, the specifier of the import decides.
 */
export class DecoraftWords {
  readonly #project: Project;
  readonly #packageNames = new Map<string, string | undefined>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** The name that `expression` has in Decoraft: `cmd` for `@command` after `import { cmd as command }`. */
  nameOf(expression: Node): string | undefined {
    if (Node.isPropertyAccessExpression(expression) && isNamespaceOfDecoraft(expression.getExpression())) {
      return expression.getName();
    }
    const name = Node.isPropertyAccessExpression(expression) ? expression.getNameNode() : expression;
    return Node.isIdentifier(name) ? this.#nameOfSymbol(name.getSymbol()) : undefined;
  }

  /**
   * Which of Decoraft's bases a class has, by its type: where syntax does not lead there.
   *
   * @param user A file that may import Decoraft: what it gets is Decoraft's, wherever that is declared.
   */
  baseOfType(type: Type, user: SourceFile): BaseName | undefined {
    const parts = type.isIntersection() ? type.getIntersectionTypes() : [type];
    for (const part of parts) {
      const symbol = part.getSymbol();
      const name = symbol?.getName();
      const isBase = name === 'StateMachine' || name === 'RpcService';
      if (isBase && symbol && (this.#isOfDecoraft(symbol) || isImported(symbol, user))) return name;
      const above = part.getBaseTypes().map((base) => this.baseOfType(base, user));
      const found = above.find((base) => base !== undefined);
      if (found) return found;
    }
    return undefined;
  }

  #nameOfSymbol(symbol: TypeScriptSymbol | undefined): string | undefined {
    for (let hop = symbol; hop; hop = hop.isAlias() ? hop.getImmediatelyAliasedSymbol() : undefined) {
      for (const declaration of hop.getDeclarations()) {
        if (Node.isImportSpecifier(declaration) && isModule(declaration.getImportDeclaration())) {
          return declaration.getName();
        }
        if (Node.isExportSpecifier(declaration) && isModule(declaration.getExportDeclaration())) {
          return declaration.getName();
        }
        if (!hop.isAlias() && this.#isDeclaredByDecoraft(declaration)) return hop.getName();
      }
    }
    return undefined;
  }

  #isOfDecoraft(symbol: TypeScriptSymbol): boolean {
    return symbol.getDeclarations().some((declaration) => this.#isDeclaredByDecoraft(declaration));
  }

  #isDeclaredByDecoraft(declaration: Node): boolean {
    const ambient = declaration
      .getAncestors()
      .some((node) => Node.isModuleDeclaration(node) && MODULES.has(node.getName().slice(1, -1)));
    if (ambient) return true;
    const file = declaration.getSourceFile();
    return file.isDeclarationFile() && MODULES.has(this.#packageNameAt(file.getDirectoryPath()) ?? '');
  }

  /** The name in the nearest `package.json` at or above `directory`. */
  #packageNameAt(directory: string): string | undefined {
    if (this.#packageNames.has(directory)) return this.#packageNames.get(directory);
    const parent = directory.slice(0, Math.max(0, directory.lastIndexOf('/')));
    const name =
      this.#readPackageName(`${directory}/package.json`) ?? (parent && this.#packageNameAt(parent));
    this.#packageNames.set(directory, name || undefined);
    return name || undefined;
  }

  #readPackageName(path: string): string | undefined {
    const fileSystem = this.#project.getFileSystem();
    if (!fileSystem.fileExistsSync(path)) return undefined;
    try {
      const { name } = JSON.parse(fileSystem.readFileSync(path)) as { readonly name?: unknown };
      return typeof name === 'string' ? name : undefined;
    } catch {
      // Somebody else's broken package.json is not ours to report.
      return undefined;
    }
  }
}

/** The parts where the file itself imports them, otherwise the façade. */
export function runtimeOf(file: SourceFile): RuntimeModel {
  const specifiers = file.getImportDeclarations().map((declaration) => declaration.getModuleSpecifierValue());
  return specifiers.includes(PARTS.machine) || specifiers.includes(PARTS.service) ? PARTS : FACADE;
}

function isImported({ compilerSymbol }: TypeScriptSymbol, user: SourceFile): boolean {
  return user
    .getImportDeclarations()
    .filter(isModule)
    .flatMap((declaration) => declaration.getModuleSpecifierSourceFile()?.getExportSymbols() ?? [])
    .some((exported) => withoutAliases(exported).compilerSymbol === compilerSymbol);
}

function isModule(declaration: { getModuleSpecifierValue(): string | undefined }): boolean {
  return MODULES.has(declaration.getModuleSpecifierValue() ?? '');
}

function isNamespaceOfDecoraft(expression: Node): boolean {
  const declarations = Node.isIdentifier(expression) ? (expression.getSymbol()?.getDeclarations() ?? []) : [];
  return declarations.some((declaration) => {
    const parent = Node.isNamespaceImport(declaration) ? declaration.getParent().getParent() : undefined;
    return Node.isImportDeclaration(parent) && isModule(parent);
  });
}
