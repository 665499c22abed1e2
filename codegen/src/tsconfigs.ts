import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path/posix';
import { ts } from 'ts-morph';
import type { GenerateOptions } from './result.js';

/** Sources that are read with the same options. */
export interface Configured {
  /** A `tsconfig.json` that has them, absolute; `undefined` for sources that none is there for. */
  readonly tsconfig: string | undefined;
  /** The options, equal where they are. */
  readonly key: string;
  /** Absolute, in the order given. */
  readonly sources: readonly string[];
}

/**
 * Sorts sources by the `tsconfig.json` that speaks for each: the nearest above it that includes it, itself or through a
 * reference; where none does, the nearest that is not above the directory of the run. A named one speaks for all.
 */
export function sortByConfiguration(
  sources: readonly string[],
  options: GenerateOptions,
): readonly Configured[] {
  const configurations = new Configurations(options.cwd);
  const named = options.tsconfig === undefined ? undefined : resolve(options.cwd, options.tsconfig);
  const sorted = new Map<string, Configured>();
  for (const source of sources) {
    const tsconfig = named ?? configurations.find(source);
    const key = tsconfig === undefined ? '' : configurations.read(tsconfig).key;
    const { sources: others = [], ...known } = sorted.get(key) ?? { tsconfig, key };
    sorted.set(key, { ...known, sources: [...others, source] });
  }
  return [...sorted.values()];
}

interface Configuration {
  readonly key: string;
  readonly files: ReadonlySet<string>;
  /** Other configurations that it leaves files to. */
  readonly references: readonly string[];
}

/** As of one run. */
class Configurations {
  readonly #cwd: string;
  readonly #known = new Map<string, Configuration>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  find(source: string): string | undefined {
    const above = directoriesAbove(source)
      .map((directory) => `${directory}/tsconfig.json`)
      .filter((path) => existsSync(path));
    for (const path of above) {
      const including = [path, ...this.read(path).references].find((one) => this.read(one).files.has(source));
      if (including !== undefined) return including;
    }
    return above.find((path) => path.startsWith(`${this.#cwd}/`));
  }

  /** What cannot be read includes nothing; whoever opens it says why. */
  read(path: string): Configuration {
    const known = this.#known.get(path);
    if (known) return known;
    const text = ts.readJsonConfigFile(path, (name) => ts.sys.readFile(name));
    const parsed = ts.parseJsonSourceFileConfigFileContent(text, ts.sys, dirname(path), undefined, path);
    const read = {
      key: keyOf(path, parsed),
      files: new Set(parsed.fileNames),
      references: (parsed.projectReferences ?? []).map((reference) =>
        ts.resolveProjectReferencePath(reference),
      ),
    };
    this.#known.set(path, read);
    return read;
  }
}

/** Where output goes is nothing to a reader; packages of one repository often differ in no more than that. */
const OUTPUT: ReadonlySet<string> = new Set([
  'composite',
  'configFilePath',
  'declarationDir',
  'outDir',
  'rootDir',
  'tsBuildInfoFile',
]);

function keyOf(path: string, { options, errors }: ts.ParsedCommandLine): string {
  const read = Object.entries(options).filter(([name]) => !OUTPUT.has(name));
  // What is taken from `@types` by itself is that of the directories above.
  const place = options.types === undefined || errors.length > 0 ? path : '';
  return JSON.stringify([place, errors.map(({ messageText }) => messageText), read]);
}

function directoriesAbove(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path
    ? []
    : [parent === '/' ? '' : parent, ...(parent === '/' ? [] : directoriesAbove(parent))];
}
