import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readmeFiles, readmeLinks } from './support/readme.js';

const inRepository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

it('every path that the README links to is there', () => {
  expect(readmeLinks().filter((path) => !existsSync(inRepository(path)))).toEqual([]);
});

it.each([
  ['counter', 'counter.machine.ts'],
  ['counter', 'main.ts'],
  ['lease', 'leases.machine.ts'],
  ['lease', 'leases.ts'],
])('the README shows the %s example as it is: %s', (example, name) => {
  expect(readmeFiles().get(name)).toBe(readFileSync(inRepository(`examples/${example}/src/${name}`), 'utf8'));
});
