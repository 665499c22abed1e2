import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The compiled programs of this example, whether this file runs from `src` or from `dist`. */
const PROGRAMS = fileURLToPath(new URL('../dist/', import.meta.url));
const PATIENCE_MS = 60_000;

/** Starts one of this example's programs. */
export function start(program: 'node' | 'member', ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [`${PROGRAMS}${program}.js`, ...args], { stdio: 'inherit' });
}

/** Ends a process, by default with the signal that none can refuse, and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** An address that is free now, for each id. */
export async function freePeers(ids: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const servers = ids.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const peers = ids.map((id, at) => {
    const address = servers[at]?.address();
    return [id, `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`] as const;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(peers);
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const untilMs = Date.now() + PATIENCE_MS; !(await isSo()); await pause(20)) {
    if (Date.now() > untilMs) throw new Error(`the demo failed: ${what}, and that did not come`);
  }
}
