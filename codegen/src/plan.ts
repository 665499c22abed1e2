import { compareText } from '@decoraft/base';
import { basename } from 'node:path/posix';
import { emitClient } from './emit/client.js';
import { clientFileName, indexFileName, operationsFileName } from './emit/names.js';
import { emitOperations } from './emit/operations.js';
import { emitOperationsIndex } from './emit/operations-index.js';
import { emitServiceClient } from './emit/service-client.js';
import type { ClientOptions } from './emit/source-links.js';
import { type ExistingFile, isOrphan, type Run } from './generated-files.js';
import type { NamedClass } from './model.js';
import type { GeneratedFile, GenerateResult } from './result.js';

/** What is on disk before a run writes. */
export interface Disk {
  readonly existing: readonly ExistingFile[];
  /** The files that machines were looked for in. */
  readonly sources: ReadonlySet<string>;
}

/**
 * All files of a run, and what of the earlier ones has no place any more.
 *
 * @param files Those of machines.
 * @param directories Where they go.
 */
export function planFiles(
  files: readonly GeneratedFile[],
  directories: ReadonlySet<string>,
  disk: Disk,
): Pick<GenerateResult, 'files' | 'orphans'> {
  const run: Run = { planned: new Set(files.map(({ path }) => path)), directories, sources: disk.sources };
  const orphans = disk.existing.filter((file) => isOrphan(file, run));
  const kept = disk.existing.filter((file) => !orphans.includes(file));
  const indexes = planIndexes(run, kept, orphans);
  return {
    files: [...files, ...indexes.files].toSorted((left, right) => compareText(left.path, right.path)),
    orphans: [...orphans.map(({ path }) => path), ...indexes.orphans].toSorted(compareText),
  };
}

/** The client and the table of a machine or service. */
export function emitClass(
  model: NamedClass,
  directory: string,
  options: ClientOptions,
): readonly GeneratedFile[] {
  const client = `${directory}/${clientFileName(model)}`;
  const operations = `${directory}/${operationsFileName(model)}`;
  const emitted =
    model.kind === 'service' ? emitServiceClient(model, client, options) : emitClient(model, client, options);
  return [
    { path: client, text: emitted },
    { path: operations, text: emitOperations(model, operations) },
  ];
}

/** An index names every table of its directory, those of other runs as well; without a table it goes. */
function planIndexes(
  { planned, directories }: Run,
  kept: readonly ExistingFile[],
  orphans: readonly ExistingFile[],
): { readonly files: readonly GeneratedFile[]; readonly orphans: readonly string[] } {
  const tables = new Set([
    ...planned,
    ...kept.filter(({ kind }) => kind === 'operations').map(({ path }) => path),
  ]);
  const files: GeneratedFile[] = [];
  const left: string[] = [];
  for (const directory of new Set([...directories, ...orphans.map((orphan) => orphan.directory)])) {
    const names = [...tables]
      .filter((table) => /\.operations\.[cm]?ts$/.test(table) && isIn(directory, table))
      .map((table) => basename(table));
    const path = `${directory}/${indexFileName(names)}`;
    if (names.length > 0) files.push({ path, text: emitOperationsIndex(names) });
    const indexes = kept.filter((file) => file.kind === 'index' && file.directory === directory);
    left.push(...indexes.map((file) => file.path).filter((other) => names.length === 0 || other !== path));
  }
  return { files, orphans: left };
}

function isIn(directory: string, path: string): boolean {
  return path === `${directory}/${basename(path)}`;
}
