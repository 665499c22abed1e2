import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const POLL_MS = 20;

/** One of the compiled programs of this example as a process of its own. */
export class Program {
  readonly name: string;
  readonly #process: ChildProcess;
  #output = '';

  /** @param file Of the program, in `dist`. @param name The first of its arguments. */
  constructor(file: string, name: string, ...others: readonly string[]) {
    this.name = name;
    const path = fileURLToPath(new URL(`../dist/${file}`, import.meta.url));
    this.#process = spawn(process.execPath, [path, name, ...others], { stdio: ['ignore', 'pipe', 'pipe'] });
    const note = (chunk: Buffer): void => void (this.#output += chunk.toString());
    this.#process.stdout?.on('data', note);
    this.#process.stderr?.on('data', note);
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Stops it where it stands, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(signal);
  }

  /** Resolves when it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill(signal);
    await gone;
  }
}

/** Three members with ports that are free now. */
export async function freePeers(): Promise<Record<string, string>> {
  const servers = ['a', 'b', 'c'].map((id) => ({ id, server: createServer() }));
  const peers = await Promise.all(
    servers.map(async ({ id, server }) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return [id, `127.0.0.1:${(server.address() as { port: number }).port}`] as const;
    }),
  );
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(peers);
}

/** Asks again and again until `condition` gives something; throws when it does not within a minute. */
export async function until<Value>(
  what: string,
  condition: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await pause(POLL_MS);
  }
}
