import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The compiled `node.ts`, whether this file runs from `src` or from `dist`. */
const NODE_PROGRAM = fileURLToPath(new URL('../dist/node.js', import.meta.url));
const POLL_MS = 20;

export interface NodeProcessOptions {
  /** What the node is started with beside its id, its directory and its peers. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What is run, with what before the node's own arguments. */
  readonly program?: readonly string[];
}

/** One node of a cluster as a process of its own, that can be killed and started again on the same disk. */
export class NodeProcess {
  readonly id: string;
  readonly address: string;
  readonly dataDir: string;
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;
  #output = '';

  constructor(
    id: string,
    dataDir: string,
    peers: Readonly<Record<string, string>>,
    { more = {}, program = [NODE_PROGRAM] }: NodeProcessOptions = {},
  ) {
    this.id = id;
    this.address = peers[id] ?? '';
    this.dataDir = dataDir;
    this.#arguments = [...program, id, dataDir, JSON.stringify(peers), JSON.stringify(more)];
  }

  /** Everything that the process has printed, over all its lives. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return (
      this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  start(): void {
    const child = spawn(process.execPath, this.#arguments, { stdio: ['ignore', 'pipe', 'pipe'] });
    const note = (chunk: Buffer): void => void (this.#output += chunk.toString());
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    this.#process = child;
  }

  /** Sends a signal, by default the one that no process can refuse, and resolves when the process is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || !this.isRunning) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }

  /** Stops the process where it stands, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }
}

/** Ports on the loopback that are free now. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Three members with free ports. */
export async function freePeers(ids: readonly string[] = ['a', 'b', 'c']): Promise<Record<string, string>> {
  const ports = await freePorts(ids.length);
  return Object.fromEntries(ids.map((id, position) => [id, `127.0.0.1:${ports[position]}`]));
}

/** Asks again and again until `condition` gives something; throws when it does not within `limitMs`. */
export async function until<Value>(
  what: string,
  condition: () => Promise<Value | undefined | false> | Value | undefined | false,
  limitMs = 30_000,
): Promise<Value> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await pause(POLL_MS);
  }
}
