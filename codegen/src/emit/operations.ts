import type { NamedClass } from '../model.js';
import { header } from './header.js';
import { hardLine, printLayout } from './layout.js';
import { emitLiteral, quote } from './literal.js';
import { serviceTableOf, tableOf } from './schema.js';
import { relativePath, specifierOf } from './specifiers.js';

/**
 * The table by which servers check calls to a machine or service, tied to its class.
 *
 * @param path The file that is written, absolute.
 */
export function emitOperations(model: NamedClass, path: string): string {
  const { name, exportedName = name, runtime, sourcePath } = model;
  const imported = exportedName === name ? name : `${exportedName} as ${name}`;
  const [define, from, table] =
    model.kind === 'service'
      ? (['defineService', runtime.service, serviceTableOf(model)] as const)
      : (['defineOperations', runtime.machine, tableOf(model)] as const);
  return printLayout([
    [header(relativePath(path, sourcePath)), hardLine],
    [`import { ${define} } from ${quote(from)};`, hardLine],
    [`import { ${imported} } from ${quote(specifierOf(path, sourcePath))};`, hardLine, hardLine],
    [`${define}(${name}, `, emitLiteral(table, 'expanded'), ');', hardLine],
  ]);
}
