import { type Project, type Symbol as TypeScriptSymbol, ts } from 'ts-morph';

/** What the wire knows of JavaScript's own classes, and what it refuses by a name of its own. */
export type LibraryType =
  'map' | 'readonly-map' | 'set' | 'readonly-set' | 'date' | 'bytes' | 'promise' | 'function' | 'other';

const KNOWN: ReadonlyMap<string, LibraryType> = new Map<string, LibraryType>([
  ['Map', 'map'],
  ['ReadonlyMap', 'readonly-map'],
  ['Set', 'set'],
  ['ReadonlySet', 'readonly-set'],
  ['Date', 'date'],
  ['Uint8Array', 'bytes'],
  ['Promise', 'promise'],
  ['PromiseLike', 'promise'],
  ['Function', 'function'],
]);

/** Tells the names of the language's library from the user's own. */
export class Library {
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  has(symbol: TypeScriptSymbol): boolean {
    const program = this.#project.getProgram().compilerObject;
    return symbol
      .getDeclarations()
      .some((declaration) => program.isSourceFileDefaultLibrary(declaration.getSourceFile().compilerNode));
  }

  /** `undefined` for what is not the library's. Node's own classes count as the library's. */
  typeOf(symbol: TypeScriptSymbol): LibraryType | undefined {
    // The nameless objects that the library's mapped types give, such as those of Partial and Pick.
    if (symbol.hasFlags(ts.SymbolFlags.TypeLiteral)) return undefined;
    if (this.has(symbol)) return KNOWN.get(symbol.getName()) ?? 'other';
    const isClass = (symbol.getFlags() & (ts.SymbolFlags.Variable | ts.SymbolFlags.Class)) !== 0;
    return isClass && isFromNode(symbol) ? 'other' : undefined;
  }
}

/** `Buffer`, `URL` and the like: interfaces with a constructor beside them, so their values are instances. */
function isFromNode(symbol: TypeScriptSymbol): boolean {
  return symbol
    .getDeclarations()
    .some((declaration) => declaration.getSourceFile().getFilePath().includes('/node_modules/@types/node/'));
}
