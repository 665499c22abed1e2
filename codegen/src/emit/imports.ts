import { compareText } from '@decoraft/base';
import { group, hardLine, ifBroken, indent, join, type Layout, line } from './layout.js';

interface Imported {
  readonly exportedName: string;
  readonly localName: string;
  readonly isType: boolean;
}

/** Names that generated code uses and that no import may take. */
const GLOBALS = [
  'AsyncIterable',
  'Date',
  'Map',
  'Promise',
  'ReadonlyMap',
  'ReadonlySet',
  'Record',
  'Set',
  'Uint8Array',
];

/** Collects what a file imports while its text is made, and gives every import a name of its own. */
export class Imports {
  readonly #modules = new Map<string, Map<string, Imported>>();
  readonly #taken: Set<string>;

  /** @param declared Names that the file itself declares. */
  constructor(declared: readonly string[]) {
    this.#taken = new Set([...GLOBALS, ...declared]);
  }

  /**
   * @param wanted As it is declared.
   * @returns The name to use in the file.
   */
  value(specifier: string, exportedName: string, wanted = exportedName): string {
    return this.#use(specifier, { exportedName, wanted, isType: false });
  }

  /**
   * @param wanted The name as declared; where it is taken, a number is put behind it.
   * @returns The name to use in the file.
   */
  type(specifier: string, exportedName: string, wanted = exportedName): string {
    return this.#use(specifier, { exportedName, wanted, isType: true });
  }

  /**
   * A name for what the file itself declares.
   *
   * @param avoided Names that would hide it where it is used.
   */
  declare(wanted: string, avoided: ReadonlySet<string>): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name) || avoided.has(name); number++) name = `${wanted}${number}`;
    this.#taken.add(name);
    return name;
  }

  #use(
    specifier: string,
    { exportedName, wanted, isType }: { exportedName: string; wanted: string; isType: boolean },
  ): string {
    const module = this.#modules.get(specifier) ?? new Map<string, Imported>();
    this.#modules.set(specifier, module);
    const known = module.get(exportedName);
    if (known) return known.localName;
    let localName = wanted;
    for (let number = 2; this.#taken.has(localName); number++) localName = `${wanted}${number}`;
    this.#taken.add(localName);
    module.set(exportedName, { exportedName, localName, isType });
    return localName;
  }

  /** Packages first, then the project's own files. */
  emit(): Layout {
    const sorted = [...this.#modules].toSorted(
      ([left], [right]) => Number(isRelative(left)) - Number(isRelative(right)) || compareText(left, right),
    );
    return sorted.map(([specifier, names]) => [emitImport(specifier, [...names.values()]), hardLine]);
  }
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function emitImport(specifier: string, names: readonly Imported[]): Layout {
  const areTypes = names.every(({ isType }) => isType);
  const items = names
    .toSorted((left, right) => compareText(sortKey(left), sortKey(right)))
    .map((imported) => `${imported.isType && !areTypes ? 'type ' : ''}${renamed(imported)}`);
  const braces = group('{', indent(line, join([',', line], items)), ifBroken(','), line, '}');
  return [areTypes ? 'import type ' : 'import ', braces, ` from '${specifier}';`];
}

function renamed({ exportedName, localName }: Imported): string {
  return exportedName === localName ? localName : `${exportedName} as ${localName}`;
}

function sortKey({ exportedName }: Imported): string {
  return `${exportedName.toLowerCase()} ${exportedName}`;
}
