import { type Project, ts } from 'ts-morph';
import type { Symbols } from './symbols.js';
import { functionOf, isIteratorName, isStatic } from './syntax.js';

/**
 * The names under which the user's own code has something that runs or changes. To know the type of a receiver is dear, so
 * `list.filter(…)` is not looked up where nobody but the library has a `filter`.
 */
export class DeclaredNames {
  readonly #project: Project;
  readonly #symbols: Symbols;
  #all: FileNames | undefined;

  constructor(project: Project, symbols: Symbols) {
    this.#project = project;
    this.#symbols = symbols;
  }

  has(name: string): boolean {
    return this.#found.names.has(name);
  }

  /** Whether any class of the user's is gone through by `for`. */
  get hasIterators(): boolean {
    return this.#found.hasIterators;
  }

  get #found(): FileNames {
    this.#all ??= this.#read();
    return this.#all;
  }

  #read(): FileNames {
    const files = this.#project.getProgram().compilerObject.getSourceFiles();
    const found = files.filter((file) => this.#symbols.isUsers(file)).map(namesOf);
    return {
      names: new Set(found.flatMap(({ names }) => [...names])),
      hasIterators: found.some(({ hasIterators }) => hasIterators),
    };
  }
}

interface FileNames {
  readonly names: ReadonlySet<string>;
  readonly hasIterators: boolean;
}

/** What was read of a file is good for as long as the compiler keeps its tree. */
const known = new WeakMap<ts.SourceFile, FileNames>();

function namesOf(file: ts.SourceFile): FileNames {
  let found = known.get(file);
  if (!found) {
    found = readNames(file);
    known.set(file, found);
  }
  return found;
}

function readNames(file: ts.SourceFile): FileNames {
  const names = new Set<string>();
  let hasIterators = false;
  const visit = (node: ts.Node): void => {
    const isElement = ts.isClassElement(node) || ts.isObjectLiteralElement(node) || ts.isTypeElement(node);
    const name = isElement ? node.name : undefined;
    if (name && ts.isComputedPropertyName(name)) hasIterators ||= isIteratorName(name);
    else if (name && runs(node)) names.add(name.getText().replaceAll(/^['"]|['"]$/g, ''));
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const statement of file.statements) readStatement(statement, names);
  return { names, hasIterators };
}

/** What a module has is asked for by name behind `import * as`, and what is added to a function is a statement. */
function readStatement(statement: ts.Statement, names: Set<string>): void {
  if (ts.isVariableStatement(statement)) {
    for (const { name } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name)) names.add(name.text);
    }
  }
  // `export { since as later }`, `export * as clock`, and behind each of these doors the default.
  names.add('default');
  const exported = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
  if (exported && ts.isNamedExports(exported)) {
    for (const { name } of exported.elements) names.add(name.text);
  } else if (exported) {
    names.add(exported.name.text);
  }
  const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  if (isNamed && statement.name) names.add(statement.name.text);
  if (ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body)) {
    for (const inner of statement.body.statements) readStatement(inner, names);
  }
  const assigned = ts.isExpressionStatement(statement) ? statement.expression : undefined;
  if (assigned && ts.isBinaryExpression(assigned) && ts.isPropertyAccessExpression(assigned.left)) {
    names.add(assigned.left.name.text);
  }
}

function runs(node: ts.Node): boolean {
  if (ts.isMethodSignature(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node)) return true;
  if (ts.isPropertySignature(node)) return node.type !== undefined && ts.isFunctionTypeNode(node.type);
  if (ts.isPropertyDeclaration(node) && isStatic(node)) return true;
  return functionOf(node) !== undefined;
}
