import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScript } from './support/script.js';

const folder = new URL('./scripts/', import.meta.url);
/** Set to write the traces as they are; what changed is for the reader of the diff to judge. */
const isUpdating = process.env['DECORAFT_UPDATE_SCRIPTS'] === '1';

for (const file of readdirSync(folder).toSorted()) {
  test(file.replace(/\.txt$/, '').replaceAll('_', ' '), () => {
    const path = new URL(file, folder);
    const expected = readFileSync(path, 'utf8');
    const actual = runScript(expected);
    if (isUpdating) writeFileSync(path, actual);
    else expect(actual).toBe(expected);
  });
}
