import type { OperationTable, ServiceTable } from '@decoraft/protocol';
import type { NamedClass } from '../model.js';
import { header } from './header.js';
import { Imports } from './imports.js';
import { hardLine, type Layout, printLayout } from './layout.js';
import { emitLiteral } from './literal.js';
import { PositionalReaders } from './positional-readers.js';
import type { ArgumentsOf } from './positional-parts.js';
import { serviceTableOf, tableOf } from './schema.js';
import { relativePath, specifierOf } from './specifiers.js';

/** What is emitted of a class: its table, and what in it has arguments. */
interface Emitted {
  readonly define: 'defineOperations' | 'defineService';
  readonly runtime: string;
  readonly table: OperationTable | ServiceTable;
  readonly operations: readonly ArgumentsOf[];
}

/**
 * The table by which servers check calls to a machine or service, and the decoders of their arguments, tied to its class.
 *
 * @param path The file that is written, absolute.
 */
export function emitOperations(model: NamedClass, path: string): string {
  const { name, exportedName = name, sourcePath } = model;
  const { define, operations, runtime, table } = emittedOf(model);
  const imports = new Imports([]);
  // The class keeps its name: it is unlike all of ours, which begin with a small letter.
  const owner = imports.value(specifierOf(path, sourcePath), exportedName, name);
  const defined: Layout = [
    `${imports.value(runtime, define)}(${owner}, `,
    emitLiteral(table, 'expanded'),
    [');', hardLine],
  ];
  const readers = new PositionalReaders(table.types, imports, runtime);
  const decoders = readers.emit(owner, operations);
  return printLayout([
    [header(relativePath(path, sourcePath)), hardLine],
    [imports.emit(), hardLine, defined, decoders],
  ]);
}

function emittedOf(model: NamedClass): Emitted {
  if (model.kind === 'service') {
    const table = serviceTableOf(model);
    return { define: 'defineService', runtime: model.runtime.service, table, operations: table.methods };
  }
  const table = tableOf(model);
  return { define: 'defineOperations', runtime: model.runtime.machine, table, operations: table.operations };
}
