import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { createGenerator, type GenerateOptions, type GenerateResult, type Generator } from '../src/index.js';

/** A directory of a test's own, gone when the test is done. */
export class Workspace {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'decoraft-codegen-')));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true });
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  path(path: string): string {
    return join(this.root, path);
  }

  short(path: string): string {
    return relative(this.root, path);
  }

  /** All files, sorted, relative. */
  files(): readonly string[] {
    return readdirSync(this.root, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(this.path(path)).isFile())
      .toSorted();
  }
}

/** A machine with one query, `get`. */
export function machine(name: string, result = 'string'): string {
  return `import { qry, StateMachine } from 'decoraft';

export class ${name} extends StateMachine {
  @qry get(): ${result} {
    throw new Error('no answer');
  }
}
`;
}

type Options = Omit<GenerateOptions, 'cwd'>;

/** The compiler is opened once for each workspace and list of options: it takes half a second. */
export function run(workspace: Workspace, options: Options = {}): GenerateResult {
  const key = JSON.stringify(options);
  const generators = opened.get(workspace) ?? new Map<string, Generator>();
  opened.set(workspace, generators);
  const generator = generators.get(key) ?? createGenerator({ cwd: workspace.root, ...options });
  generators.set(key, generator);
  return generator.generate();
}

const opened = new WeakMap<Workspace, Map<string, Generator>>();

export const outputs = (workspace: Workspace, result: GenerateResult): readonly string[] =>
  result.files.map(({ path }) => workspace.short(path));

export const textOf = (result: GenerateResult, name: string): string | undefined =>
  result.files.find(({ path }) => path.endsWith(`/${name}`))?.text;

export const codes = (result: GenerateResult): readonly string[] =>
  result.problems.map(({ code, position }) => `${position?.file ?? ''} ${code}`);
