import type { NamedMachine } from '../model.js';
import { header } from './header.js';
import { hardLine, printLayout } from './layout.js';
import { emitLiteral, quote } from './literal.js';
import { tableOf } from './schema.js';
import { relativePath, specifierOf } from './specifiers.js';

/**
 * The table by which servers check calls to a machine, tied to its class.
 *
 * @param path The file that is written, absolute.
 */
export function emitOperations(machine: NamedMachine, path: string): string {
  const { name, exportedName = name, sourcePath } = machine;
  const imported = exportedName === name ? name : `${exportedName} as ${name}`;
  return printLayout([
    [header(relativePath(path, sourcePath)), hardLine],
    [`import { defineOperations } from ${quote(machine.runtime.machine)};`, hardLine],
    [`import { ${imported} } from ${quote(specifierOf(path, sourcePath))};`, hardLine, hardLine],
    [`defineOperations(${name}, `, emitLiteral(tableOf(machine), 'expanded'), ');', hardLine],
  ]);
}
