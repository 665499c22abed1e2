import { basename } from 'node:path/posix';
import { emitClient } from './emit/client.js';
import { clientFileName, INDEX_FILE_NAME, operationsFileName } from './emit/names.js';
import { emitOperations } from './emit/operations.js';
import { emitOperationsIndex } from './emit/operations-index.js';
import { type ExistingFile, isOrphan, type Run } from './generated-files.js';
import type { MachineModel } from './model.js';
import { compareText } from './problem.js';
import type { GeneratedFile, GenerateResult } from './result.js';

export type NamedMachine = MachineModel & { readonly name: string };

/** All texts of a run, and what of the earlier ones has no place any more. */
export function planFiles(
  machines: readonly NamedMachine[],
  directoryOf: (machine: MachineModel) => string,
  disk: { readonly existing: readonly ExistingFile[]; readonly sources: ReadonlySet<string> },
): Pick<GenerateResult, 'files' | 'orphans'> {
  const files = machines.flatMap((machine) => emitMachine(machine, directoryOf(machine)));
  const planned = new Set(files.map(({ path }) => path));
  const run: Run = { planned, directories: new Set(machines.map(directoryOf)), sources: disk.sources };
  const orphans = disk.existing.filter((file) => isOrphan(file, run));
  const kept = disk.existing.filter((file) => !orphans.includes(file));
  const indexes = planIndexes(run, kept, orphans);
  return {
    files: [...files, ...indexes.files].toSorted((left, right) => compareText(left.path, right.path)),
    orphans: [...orphans.map(({ path }) => path), ...indexes.orphans].toSorted(compareText),
  };
}

function emitMachine(machine: NamedMachine, directory: string): readonly GeneratedFile[] {
  const client = `${directory}/${clientFileName(machine.name)}`;
  const operations = `${directory}/${operationsFileName(machine.name)}`;
  return [
    { path: client, text: emitClient(machine, client) },
    { path: operations, text: emitOperations(machine, operations) },
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
  const empty: string[] = [];
  for (const directory of new Set([...directories, ...orphans.map((orphan) => orphan.directory)])) {
    const path = `${directory}/${INDEX_FILE_NAME}`;
    const names = [...tables].filter((table) => table.endsWith('.operations.ts') && isIn(directory, table));
    if (names.length > 0)
      files.push({ path, text: emitOperationsIndex(names.map((name) => basename(name))) });
    else if (kept.some((file) => file.path === path)) empty.push(path);
  }
  return { files, orphans: empty };
}

function isIn(directory: string, path: string): boolean {
  return path === `${directory}/${basename(path)}`;
}
