import { dirname, relative } from 'node:path/posix';

/** The path from one file to another, as import specifiers have it: always with a dot in front. */
export function relativePath(fromFile: string, toFile: string): string {
  const path = relative(dirname(fromFile), toFile);
  return path.startsWith('.') ? path : `./${path}`;
}

/** The specifier by which an ES module imports another: what the compiler will have made of the source. */
export function specifierOf(fromFile: string, toFile: string): string {
  return relativePath(fromFile, toFile)
    .replace(/\.d\.([cm]?)ts$/, '.$1js')
    .replace(/\.([cm]?)tsx?$/, '.$1js');
}
