import { compareText } from '@decoraft/base';
import { readFileSync } from 'node:fs';
import { Project } from 'ts-morph';
import { MARK } from './emit/header.js';
import { INDEX_FILE_NAMES } from './emit/names.js';
import { DEFAULT_PATTERNS, type GenerateOptions } from './result.js';

/** The files that the patterns name, sorted: not libraries, declarations or what was generated. */
export function findSources({ patterns: given = [], cwd }: GenerateOptions): readonly string[] {
  const patterns = given.length === 0 ? DEFAULT_PATTERNS : given;
  const left = given.length === 0 ? ['node_modules', 'dist', 'generated'] : ['node_modules'];
  const root = escapeGlob(cwd);
  const globs = [
    ...patterns.map((pattern) => within(root, pattern)),
    ...left.map((name) => `!${root}/**/${name}/**`),
  ];
  return glob(globs).filter((path) => !/\.d\.[cm]?ts$/.test(path) && !isGenerated(path));
}

/** Files below the directory of the run, and in others, that are called like generated ones; sorted. */
export function findGeneratedPaths(
  { cwd }: GenerateOptions,
  directories: ReadonlySet<string>,
): readonly string[] {
  const names = ['*.client.{ts,mts,cts}', '*.operations.{ts,mts,cts}', ...INDEX_FILE_NAMES];
  const elsewhere = [...directories].filter((directory) => !`${directory}/`.startsWith(`${cwd}/`));
  const globs = [cwd, ...elsewhere]
    .map(escapeGlob)
    .flatMap((root) => [...names.map((name) => `${root}/**/${name}`), `!${root}/**/node_modules/**`]);
  return glob(globs);
}

/** Files may go while they are being looked for. */
function isGenerated(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').startsWith(MARK);
  } catch {
    return true;
  }
}

/** The compiler's file system, without the compiler. */
const fileSystem = new Project({ skipLoadingLibFiles: true, compilerOptions: {} }).getFileSystem();

function glob(globs: readonly string[]): readonly string[] {
  return [...new Set(fileSystem.globSync([...globs]))].toSorted(compareText);
}

function within(root: string, pattern: string): string {
  if (pattern.startsWith('!')) return `!${within(root, pattern.slice(1))}`;
  return pattern.startsWith('/') ? pattern : `${root}/${pattern.replace(/^\.\//, '')}`;
}

/** Each in a class of its own, because the compiler's file system takes backslashes for slashes. */
function escapeGlob(path: string): string {
  return path.replaceAll('\\', '/').replaceAll(/[()[\]{}*?]/g, '[$&]');
}
