import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Which build of the ledger a process runs. */
export type Build = 'v1' | 'v2';

export interface NodePlace {
  readonly id: string;
  readonly dataDir: string;
  readonly peers: Readonly<Record<string, string>>;
}

/** A process that runs one node with one build, and what it has said. */
export class UpgradedNode {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #errors = '';
  #onLine = (): void => undefined;

  constructor(build: Build, { dataDir, id, peers }: NodePlace) {
    const file = fileURLToPath(new URL(`${build}/node.ts`, import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', file, id, dataDir, JSON.stringify(peers)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#ended = once(child, 'exit').then(([code]) => code as number | null);
    child.stderr.on('data', (bytes: Buffer) => (this.#errors += bytes.toString()));
    createInterface(child.stdout).on('line', (line) => {
      this.lines.push(line);
      this.#onLine();
    });
    void this.#ended.then(() => this.#onLine());
  }

  /** All that it wrote to its error output. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves with the first line that begins so, from now on or before; rejects when the process ends before. */
  async line(beginning: string, since = 0): Promise<string> {
    for (;;) {
      const found = this.lines.slice(since).find((line) => line.startsWith(beginning));
      if (found !== undefined) return found;
      if (this.#process.exitCode !== null) throw new Error(`ended without ${beginning}: ${this.#errors}`);
      await new Promise<void>((resolve) => (this.#onLine = resolve));
    }
  }

  /** What it answers to a line. */
  async ask(question: 'snapshot' | 'state' | 'version'): Promise<string> {
    const since = this.lines.length;
    this.#process.stdin?.write(`${question}\n`);
    return this.line(question.toUpperCase(), since);
  }

  /** Resolves with its exit code. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#process.kill(signal);
    await this.#ended;
  }
}
