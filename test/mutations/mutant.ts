import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Mutation } from './mutation.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCOPE = '@decoraft';
const HUNTER = fileURLToPath(new URL('hunter', import.meta.url));
const WORLD = fileURLToPath(new URL('world', import.meta.url));

/** How many times `text` occurs in the mutation's source; anything but 1 means that the mutation is out of date. */
export function countOccurrences({ file, find }: Mutation): number {
  return readFileSync(join(ROOT, file), 'utf8').split(find).length - 1;
}

/**
 * A copy of the built packages in a directory of its own, with one line broken, and the simulated world beside it. The
 * repository itself is not touched.
 */
export class Mutant {
  readonly directory: string;

  /** @param mutation What is broken; `undefined` for the control, in which nothing is. */
  constructor(mutation: Mutation | undefined) {
    this.directory = mkdtempSync(join(tmpdir(), 'decoraft-mutant-'));
    copyPackages(this.directory);
    if (mutation) breakLine(this.directory, mutation);
    for (const source of [WORLD, HUNTER]) transpileFolder(source, join(this.directory, basename(source)));
    writeFileSync(join(this.directory, 'package.json'), '{ "type": "module" }');
  }

  /** The program that runs seeds in this copy. */
  get hunter(): string {
    return join(this.directory, 'hunter', 'main.js');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Our own packages are copied, so that they find each other there; those of others are linked. */
function copyPackages(directory: string): void {
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, SCOPE), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === SCOPE || name.startsWith('.')) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    const copy = join(modules, SCOPE, name);
    cpSync(join(ROOT, 'packages', name, 'dist'), join(copy, 'dist'), {
      recursive: true,
      filter: (path) => !/\.(?:d\.ts|map|tsbuildinfo)$/.test(path),
    });
    cpSync(join(ROOT, 'packages', name, 'package.json'), join(copy, 'package.json'));
  }
}

function breakLine(directory: string, mutation: Mutation): void {
  const { file, find, name, replace } = mutation;
  const count = countOccurrences(mutation);
  if (count !== 1) throw new Error(`${name}: its text occurs ${count} times in ${file}`);
  // A function, because a plain text would have its dollars read.
  const source = readFileSync(join(ROOT, file), 'utf8').replace(find, () => replace);
  const [, packageName = '', ...path] = file.split('/');
  const [, ...insideSource] = path;
  const output = join(directory, 'node_modules', SCOPE, packageName, 'dist', ...insideSource);
  writeFileSync(output.replace(/\.ts$/, '.js'), transpile(source, file));
}

function transpileFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const code = transpile(readFileSync(join(from, name), 'utf8'), name);
    writeFileSync(join(to, name.replace(/\.ts$/, '.js')), code);
  }
}

function transpile(source: string, fileName: string): string {
  return ts.transpileModule(source, { compilerOptions: compilerOptions(), fileName }).outputText;
}

let options: ts.CompilerOptions | undefined;

/** Those of `tsconfig.base.json`, without what is for whole projects only. */
function compilerOptions(): ts.CompilerOptions {
  if (options) return options;
  const path = join(ROOT, 'tsconfig.base.json');
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: object };
  const { options: read } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, dirname(path));
  // A single file that is transpiled cannot be asked for its package's module system; all of ours have modules.
  options = {
    ...read,
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    module: ts.ModuleKind.ESNext,
  };
  return options;
}
