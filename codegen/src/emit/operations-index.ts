import { compareText } from '@decoraft/base';
import { header } from './header.js';
import { hardLine, printLayout } from './layout.js';
import { quote } from './literal.js';

/**
 * What a node imports so that all tables of a directory are there.
 *
 * @param fileNames Of the tables, in the same directory.
 */
export function emitOperationsIndex(fileNames: readonly string[]): string {
  const imports = fileNames
    .toSorted(compareText)
    .flatMap((fileName) => [`import ${quote(`./${fileName.replace(/\.([cm]?)ts$/, '.$1js')}`)};`, hardLine]);
  return printLayout([header('./*.operations.ts'), hardLine, imports]);
}
