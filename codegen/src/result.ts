import type { Problem } from './problem.js';

export interface GenerateOptions {
  /** Absolute; patterns and the positions of problems are relative to it. */
  readonly cwd: string;
  /** Globs of files that declare machines and services. {@link DEFAULT_PATTERNS} when none are given. */
  readonly patterns?: readonly string[];
  /** Where all files go; by default each goes to `generated/` beside its source. */
  readonly outDirectory?: string;
  /**
   * A `tsconfig.json` for all files, relative to `cwd`. By default each source has the nearest above it that includes it,
   * itself or through a reference; where none includes it the nearest below `cwd`, and without one strict nodenext.
   */
  readonly tsconfig?: string;
  /**
   * Whether comments in clients lead to the classes, for which clients import their types; true by default. To be left out where clients
   * are compiled by a project that must not see the classes.
   */
  readonly hasLinks?: boolean;
  /**
   * The `decoraft.lock.json` of the classes, absolute: it is compared with what they are, and is one of the files that come of a run.
   * See `lockPathOf`. Without it there is none.
   */
  readonly lockPath?: string;
}

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** A class that files were generated from. */
export interface GeneratedClass {
  readonly kind: 'machine' | 'service';
  readonly name: string;
  /** Absolute path of its source. */
  readonly sourcePath: string;
}

export interface GenerateResult {
  /** What should be on disk, sorted by path; empty when there are problems. */
  readonly files: readonly GeneratedFile[];
  /** Generated files on disk that no class stands behind any more, sorted. */
  readonly orphans: readonly string[];
  /** Errors: why there are no files. Sorted by file, line and column. */
  readonly problems: readonly Problem[];
  /** What stops nothing. Sorted likewise. */
  readonly warnings: readonly Problem[];
  /** In the order of their files. */
  readonly classes: readonly GeneratedClass[];
  /** Absolute paths of the user's files that were read, libraries excluded: what to watch. */
  readonly inputs: readonly string[];
}

/** What `generateReference` gives. */
export interface ReferenceResult {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Markdown; empty when there are problems. */
  readonly text: string;
}

/** Files that declare machines and services, where nothing else is said. */
export const DEFAULT_PATTERNS: readonly string[] = ['**/*.machine.{ts,mts,cts}', '**/*.service.{ts,mts,cts}'];
