import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientsOptions, FromClients, ToClients } from './processes/messages.js';

const PROGRAM = fileURLToPath(new URL('processes/dist/clients.js', import.meta.url));

/** Some clients, as a process that is told what to do and tells when it has. */
export class ClientProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<FromClients['kind'], (message: FromClients) => void>();
  readonly #told = new Map<FromClients['kind'], FromClients>();
  readonly #gone: Promise<never>;
  #output = '';
  #hasEnded = false;

  constructor(name: string, options: ClientsOptions) {
    this.name = name;
    const child = fork(PROGRAM, [JSON.stringify(options)], {
      execArgv: ['--max-old-space-size=2048'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const note = (chunk: Buffer): void => void (this.#output += chunk.toString());
    child.stdout?.on('data', note);
    child.stderr?.on('data', note);
    child.on('message', (message) => this.#hear(message as FromClients));
    this.#gone = new Promise((_, reject) =>
      child.once('exit', (code, signal) => {
        this.#hasEnded = true;
        reject(new Error(`${name} ended by itself: ${signal ?? code}\n${this.#output}`));
      }),
    );
    this.#gone.catch(() => undefined);
    this.#child = child;
  }

  get output(): string {
    return this.#output;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  tell(message: ToClients): void {
    if (!this.#hasEnded) this.#child.send(message);
  }

  /** Resolves when the process has said so. Rejects when it is gone instead, or when it takes longer than so. */
  async said<Kind extends FromClients['kind']>(
    kind: Kind,
    limitMs: number,
  ): Promise<Extract<FromClients, { readonly kind: Kind }>> {
    const said = new Promise<FromClients>((resolve, reject) => {
      const told = this.#told.get(kind);
      if (told) return resolve(told);
      this.#waiting.set(kind, resolve);
      setTimeout(
        () => reject(new Error(`${this.name} was not ${kind} within ${limitMs} ms`)),
        limitMs,
      ).unref();
    });
    return (await Promise.race([said, this.#gone])) as Extract<FromClients, { readonly kind: Kind }>;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone.catch(() => undefined);
  }

  #hear(message: FromClients): void {
    this.#told.set(message.kind, message);
    this.#waiting.get(message.kind)?.(message);
  }
}
