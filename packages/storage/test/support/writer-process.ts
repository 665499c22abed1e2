import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PROGRAM = fileURLToPath(new URL('writer.ts', import.meta.url));

/** A running `writer.ts`. */
export class WriterProcess {
  readonly lines: AsyncIterator<string>;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #errors = '';

  constructor(directory: string, term: number) {
    const child = spawn(process.execPath, ['--import', TSX, PROGRAM, directory, String(term)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#child = child;
    this.#exit = once(child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get errors(): string {
    return this.#errors;
  }

  /** The next line; fails with what the process had to say when it ended instead. */
  async line(): Promise<string> {
    const { done, value } = await this.lines.next();
    if (done) {
      await this.#exit;
      throw new Error(`the writer ended: ${this.#errors}`);
    }
    return value;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
