import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

/** The files that the README shows, by name. */
export function readmeFiles(): ReadonlyMap<string, string> {
  const blocks = readme.matchAll(/<!-- file: (\S+) -->\n+```ts\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]));
}

/** Paths in the repository that the README links to. */
export function readmeLinks(): readonly string[] {
  return [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
}
