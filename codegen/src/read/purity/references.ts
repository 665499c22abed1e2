import { ts } from 'ts-morph';
import type { Symbols } from './symbols.js';

/** Finds where a declared thing is named. Each file is walked once, and names are told apart when they are asked for. */
export class References {
  readonly #symbols: Symbols;

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** In `file`, its declaration and imports of it excluded. */
  of(declaration: ts.NamedDeclaration, file: ts.SourceFile): readonly Name[] {
    const { name } = declaration;
    if (!name || !isName(name)) return [];
    const symbol = this.#symbols.direct(name);
    if (!symbol) return [];
    const texts = file === declaration.getSourceFile() ? [name.text] : this.#textsIn(file, name.text);
    return texts.flatMap((text) =>
      (namesIn(file).get(text) ?? []).filter(
        (node) => node !== name && !isImport(node) && this.#symbols.of(node) === symbol,
      ),
    );
  }

  /** The name itself, and those that an import of the file gives it. */
  #textsIn(file: ts.SourceFile, text: string): readonly string[] {
    const renamed = (namesIn(file).get(text) ?? []).flatMap(({ parent }) =>
      ts.isImportSpecifier(parent) && parent.propertyName ? [parent.name.text] : [],
    );
    return [...new Set([text, ...renamed])];
  }
}

/** What was read of a file is good for as long as the compiler keeps its tree. */
const known = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly Name[]>>();

function namesIn(file: ts.SourceFile): ReadonlyMap<string, readonly Name[]> {
  const before = known.get(file);
  if (before) return before;
  const names = new Map<string, Name[]>();
  const visit = (node: ts.Node): void => {
    if (isName(node)) {
      const among = names.get(node.text);
      if (among) among.push(node);
      else names.set(node.text, [node]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  known.set(file, names);
  return names;
}

/** Where a part of something stands, and where a local `const` that it is given to does. */
export function localNamesOf(part: ts.Node, references: References): readonly ts.Node[] {
  const declaration = ts.isBindingElement(part) ? part : part.parent;
  const isNamed =
    ts.isBindingElement(declaration) ||
    (ts.isVariableDeclaration(declaration) && declaration.initializer === part);
  return isNamed ? references.of(declaration, part.getSourceFile()) : [part];
}

export type Name = ts.Identifier | ts.PrivateIdentifier;

function isName(node: ts.Node): node is Name {
  return ts.isIdentifier(node) || ts.isPrivateIdentifier(node);
}

function isImport({ parent }: Name): boolean {
  return ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isExportSpecifier(parent);
}
