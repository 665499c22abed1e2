import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Project, type ProjectOptions, type SourceFile, ts } from 'ts-morph';
import { MARK } from './emit/header.js';
import { INDEX_FILE_NAME } from './emit/names.js';
import { compareText } from './problem.js';
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

/** Opens the compiler on a user's project; files are read when they are asked for. */
export function openProject(options: GenerateOptions): Project {
  const tsConfigFilePath = tsconfigOf(options);
  const shared: ProjectOptions = { skipAddingFilesFromTsConfig: true };
  return tsConfigFilePath === undefined
    ? new Project({ ...shared, compilerOptions: { ...WITHOUT_CONFIGURATION, ...READING } })
    : new Project({ ...shared, tsConfigFilePath, compilerOptions: READING });
}

/** The files that the patterns name, sorted: not libraries, declarations or what was generated. */
export function findSources(project: Project, options: GenerateOptions): readonly SourceFile[] {
  const isDefault = options.patterns === undefined || options.patterns.length === 0;
  const patterns = isDefault ? DEFAULT_PATTERNS : (options.patterns ?? []);
  const left = ['node_modules/**', ...(isDefault ? ['dist/**', 'generated/**'] : [])].map(
    (glob) => `**/${glob}`,
  );
  const root = escapeGlob(options.cwd);
  const paths = project
    .getFileSystem()
    .globSync([
      ...patterns.map((pattern) => within(root, pattern)),
      ...left.map((glob) => `!${root}/${glob}`),
    ])
    .filter((path) => !/\.d\.[cm]?ts$/.test(path))
    .toSorted(compareText);
  return paths
    .map((path) => project.addSourceFileAtPath(path))
    .filter((file) => !file.getFullText().startsWith(MARK));
}

function within(root: string, pattern: string): string {
  if (pattern.startsWith('!')) return `!${within(root, pattern.slice(1))}`;
  return pattern.startsWith('/') ? pattern : `${root}/${pattern.replace(/^\.\//, '')}`;
}

/** Each in a class of its own, because the compiler's file system takes backslashes for slashes. */
function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replaceAll(/[()[\]{}*?]/g, '[$&]');
}

/** Files below `roots` that are called like generated ones, sorted. */
export function findGeneratedPaths(project: Project, roots: readonly string[]): readonly string[] {
  const names = ['*.client.ts', '*.operations.ts', INDEX_FILE_NAME];
  const globs = roots
    .map(escapeGlob)
    .flatMap((root) => [...names.map((name) => `${root}/**/${name}`), `!${root}/**/node_modules/**`]);
  return [...new Set(project.getFileSystem().globSync(globs))].toSorted(compareText);
}

/** Brings the project up to what is on disk now. Only what changed is parsed again. */
export function refresh(project: Project): void {
  for (const path of inputsOf(project)) project.getSourceFile(path)?.refreshFromFileSystemSync();
}

/** The user's files that take part, libraries excluded, sorted. */
export function inputsOf(project: Project): readonly string[] {
  const program = project.getProgram().compilerObject;
  return program
    .getSourceFiles()
    .filter(
      (file) => !program.isSourceFileDefaultLibrary(file) && !program.isSourceFileFromExternalLibrary(file),
    )
    .map((file) => file.fileName)
    .toSorted(compareText);
}
