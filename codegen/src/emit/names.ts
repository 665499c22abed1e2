/** `KeyValue` → `key-value`, `HTTPServer2` → `http-server2`. */
export function kebabCase(name: string): string {
  return name
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1-$2')
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

/** A class that files are named after. */
interface Named {
  readonly name: string;
  readonly sourcePath: string;
}

export const clientFileName = ({ name, sourcePath }: Named): string =>
  `${kebabCase(name)}.client${extensionOf(sourcePath)}`;
export const operationsFileName = ({ name, sourcePath }: Named): string =>
  `${kebabCase(name)}.operations${extensionOf(sourcePath)}`;

/** The file that a node imports: of the tables' own kind where they are of one, for only such can import them all. */
export function indexFileName(tables: readonly string[]): string {
  const [extension, ...others] = new Set(tables.map(extensionOf));
  return `operations${others.length === 0 ? (extension ?? '.ts') : '.ts'}`;
}

export const INDEX_FILE_NAMES: readonly string[] = ['operations.ts', 'operations.mts', 'operations.cts'];

/** What is made from a module of one kind is a module of that kind. */
function extensionOf(path: string): string {
  return /\.[cm]ts$/.exec(path)?.[0] ?? '.ts';
}
