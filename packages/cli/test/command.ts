import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const LIMIT_MS = 20_000;
const POLL_MS = 20;

export interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A directory of a test's own, with the real command to run in it. */
export class Workspace {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'decoraft-cli-')));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
  }

  path(path: string): string {
    return join(this.root, path);
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  remove(path: string): void {
    rmSync(this.path(path));
  }

  /** All that is in `directory`, sorted. */
  list(directory = '.'): readonly string[] {
    return readdirSync(this.path(directory)).toSorted();
  }

  /** Lets what is in here import Decoraft, as in a project where it was installed. */
  install(): this {
    symlinkSync(NODE_MODULES, this.path('node_modules'), 'junction');
    return this;
  }

  /** Runs `decoraft` to its end. */
  async run(...args: readonly string[]): Promise<Finished> {
    return this.start(...args).finished;
  }

  /** Runs what stands behind `npx decoraft` in a command that was printed. */
  async runPrinted(command: string): Promise<Finished> {
    const [, args] = /npx decoraft (.*)/.exec(command) ?? [];
    if (args === undefined) throw new Error(`not a command: ${command}`);
    return this.run(...args.split(' '));
  }

  start(...args: readonly string[]): Running {
    return new Running(this.root, [MAIN, ...args]);
  }

  /** Runs `decoraft` to its end in a Node that reads TypeScript. */
  async runWithTsx(...args: readonly string[]): Promise<Finished> {
    return new Running(this.root, ['--import', 'tsx', MAIN, ...args]).finished;
  }
}

/** A command that runs. */
export class Running {
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcess;
  #output = '';
  #errors = '';

  constructor(cwd: string, args: readonly string[]) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build first`);
    const child = spawn(process.execPath, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (data: Buffer) => void (this.#output += data.toString()));
    child.stderr.on('data', (data: Buffer) => void (this.#errors += data.toString()));
    this.#child = child;
    this.finished = new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, output: this.#output, errors: this.#errors }));
    });
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  get output(): string {
    return this.#output;
  }

  get errors(): string {
    return this.#errors;
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** Resolves when `condition` holds; fails with what was printed so far. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const limit = performance.now() + LIMIT_MS;
    while (!condition()) {
      if (performance.now() > limit) throw new Error(`never: ${what}\n${this.#output}${this.#errors}`);
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
  }
}

/** A machine with one query. */
export function machine(name: string, result = 'string', query = 'get'): string {
  return `import { qry, StateMachine } from 'decoraft';

export class ${name} extends StateMachine {
  @qry ${query}(): ${result} {
    throw new Error('no answer');
  }
}
`;
}
