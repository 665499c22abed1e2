import { compareText } from '@decoraft/base';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Project, type ProjectOptions, type SourceFile, ts } from 'ts-morph';
import { MARK } from './emit/header.js';
import { INDEX_FILE_NAME } from './emit/names.js';
import { DEFAULT_PATTERNS, type GenerateOptions } from './result.js';

/** Only with these does the compiler tell `undefined` apart, and only declarations are read. */
const READING: ts.CompilerOptions = { strictNullChecks: true, skipLibCheck: true, noEmit: true };

/** What is assumed of a project that has no `tsconfig.json`. */
const WITHOUT_CONFIGURATION: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  experimentalDecorators: true,
  types: [],
};

/** The `tsconfig.json` of a run, where there is one. A given one is not looked for: to miss it is an error. */
export function tsconfigOf({ cwd, tsconfig }: GenerateOptions): string | undefined {
  if (tsconfig !== undefined) return resolve(cwd, tsconfig);
  const found = resolve(cwd, 'tsconfig.json');
  return existsSync(found) ? found : undefined;
}

/** The compiler, opened on a user's project. Files are read when they are asked for. */
export class UserProject {
  readonly project: Project;
  readonly #options: GenerateOptions;
  /** What was found through `node_modules` once; the compiler forgets it when it goes on from an earlier state. */
  readonly #libraries = new Set<string>();

  constructor(options: GenerateOptions) {
    this.#options = options;
    const tsConfigFilePath = tsconfigOf(options);
    const shared: ProjectOptions = { skipAddingFilesFromTsConfig: true };
    this.project =
      tsConfigFilePath === undefined
        ? new Project({ ...shared, compilerOptions: { ...WITHOUT_CONFIGURATION, ...READING } })
        : new Project({ ...shared, tsConfigFilePath, compilerOptions: READING });
  }

  /** The files that the patterns name, sorted: not libraries, declarations or what was generated. */
  findSources(): readonly SourceFile[] {
    const { patterns: given = [], cwd } = this.#options;
    const patterns = given.length === 0 ? DEFAULT_PATTERNS : given;
    const left = given.length === 0 ? ['node_modules', 'dist', 'generated'] : ['node_modules'];
    const root = escapeGlob(cwd);
    const globs = [
      ...patterns.map((pattern) => within(root, pattern)),
      ...left.map((name) => `!${root}/**/${name}/**`),
    ];
    return this.#glob(globs)
      .filter((path) => !/\.d\.[cm]?ts$/.test(path))
      .map((path) => this.project.addSourceFileAtPath(path))
      .filter((file) => !file.getFullText().startsWith(MARK));
  }

  /** Files below the directory of the run, and in others, that are called like generated ones; sorted. */
  findGeneratedPaths(directories: ReadonlySet<string>): readonly string[] {
    const { cwd } = this.#options;
    const names = ['*.client.ts', '*.operations.ts', INDEX_FILE_NAME];
    const elsewhere = [...directories].filter((directory) => !`${directory}/`.startsWith(`${cwd}/`));
    const globs = [cwd, ...elsewhere]
      .map(escapeGlob)
      .flatMap((root) => [...names.map((name) => `${root}/**/${name}`), `!${root}/**/node_modules/**`]);
    return this.#glob(globs);
  }

  /** The user's files that take part, libraries excluded, sorted. */
  inputs(): readonly SourceFile[] {
    const program = this.project.getProgram().compilerObject;
    for (const file of program.getSourceFiles()) {
      const isLibrary =
        program.isSourceFileDefaultLibrary(file) || program.isSourceFileFromExternalLibrary(file);
      if (isLibrary) this.#libraries.add(file.fileName);
    }
    return program
      .getSourceFiles()
      .map((file) => file.fileName)
      .filter((path) => !this.#libraries.has(path))
      .toSorted(compareText)
      .flatMap((path) => this.project.getSourceFile(path) ?? []);
  }

  /** Brings the project up to what is on disk now. Only what changed is parsed again. */
  refresh(): void {
    for (const file of this.inputs()) file.refreshFromFileSystemSync();
  }

  #glob(globs: readonly string[]): readonly string[] {
    return [...new Set(this.project.getFileSystem().globSync([...globs]))].toSorted(compareText);
  }
}

function within(root: string, pattern: string): string {
  if (pattern.startsWith('!')) return `!${within(root, pattern.slice(1))}`;
  return pattern.startsWith('/') ? pattern : `${root}/${pattern.replace(/^\.\//, '')}`;
}

/** Each in a class of its own, because the compiler's file system takes backslashes for slashes. */
function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replaceAll(/[()[\]{}*?]/g, '[$&]');
}
