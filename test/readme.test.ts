import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readmeFiles, readmeLinks } from './support/readme.js';

const inRepository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

it('every path that the README links to is there', () => {
  expect(readmeLinks().filter((path) => !existsSync(inRepository(path)))).toEqual([]);
});

it.each(['counter.machine.ts', 'main.ts'])('the README shows the counter example as it is: %s', (name) => {
  expect(readmeFiles().get(name)).toBe(readFileSync(inRepository(`examples/counter/src/${name}`), 'utf8'));
});
