import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path/posix';
import { readHeader } from './emit/header.js';
import { INDEX_FILE_NAMES } from './emit/names.js';

/** A file on disk that the generator made. */
export interface ExistingFile {
  /** Absolute. */
  readonly path: string;
  readonly directory: string;
  readonly kind: 'client' | 'operations' | 'index';
  /** Absolute path of what it was made from; of an index, of nothing in particular. */
  readonly sourcePath: string;
}

/** Those of `paths` whose first line says that they were generated. */
export function readGeneratedFiles(paths: readonly string[]): readonly ExistingFile[] {
  return paths.flatMap((path) => {
    const source = readHeader(readText(path));
    if (source === undefined) return [];
    const directory = dirname(path);
    return [{ path, directory, kind: kindOf(path), sourcePath: resolve(directory, source) }];
  });
}

/** Files may go while they are being looked for. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function kindOf(path: string): ExistingFile['kind'] {
  if (INDEX_FILE_NAMES.includes(basename(path))) return 'index';
  return /\.client\.[cm]?ts$/.test(path) ? 'client' : 'operations';
}

/** What a run is about, as far as leftovers are concerned. */
export interface Run {
  /** What it will write, tables and clients. */
  readonly planned: ReadonlySet<string>;
  /** The directories that it writes to. */
  readonly directories: ReadonlySet<string>;
  /** The files that it looked for machines in. */
  readonly sources: ReadonlySet<string>;
}

/**
 * Whether nothing stands behind a client or table any more: its source is gone, or this run, which writes to the
 * same directory, found no such machine in it. What other runs write elsewhere is theirs.
 */
export function isOrphan(file: ExistingFile, { planned, directories, sources }: Run): boolean {
  if (file.kind === 'index' || planned.has(file.path)) return false;
  if (directories.has(file.directory) && sources.has(file.sourcePath)) return true;
  return !existsSync(file.sourcePath);
}
