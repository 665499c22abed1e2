import { readFileSync } from 'node:fs';

/** Of this package, and so of all of Decoraft: they are released together. */
export function version(): string {
  const path = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
}
