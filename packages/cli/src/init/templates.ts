import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What stands in templates as `{{name}}` and `{{version}}`. */
export interface TemplateValues {
  /** Of the new package. */
  readonly name: string;
  /** Of Decoraft. */
  readonly version: string;
}

const DIRECTORY = fileURLToPath(new URL('../../templates/', import.meta.url));

/** The files of a new project by their paths, filled in. */
export function readTemplates(values: TemplateValues): ReadonlyMap<string, string> {
  const paths = readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(DIRECTORY, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
  return new Map(
    paths.map((path) => [nameOf(path), fill(readFileSync(join(DIRECTORY, path), 'utf8'), values)]),
  );
}

/** npm and the compiler would take `package.json`, `.gitignore` and `tsconfig.json` of a package for its own. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['_package.json', 'package.json'],
  ['_tsconfig.json', 'tsconfig.json'],
  ['_gitignore', '.gitignore'],
]);

function nameOf(path: string): string {
  return NAMES.get(path) ?? path;
}

function fill(text: string, { name, version }: TemplateValues): string {
  return text.replaceAll('{{name}}', name).replaceAll('{{version}}', version);
}
