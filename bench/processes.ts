import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { connect } from 'decoraft/client';
import { freePeers, NodeProcess, until } from '../examples/key-value/src/node-process.js';

/** What node is started with so that it runs TypeScript. */
export const RUNS_TYPESCRIPT = [
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
] as const;

/** A program of this folder, by its name without the end. */
export function program(name: string): string {
  return fileURLToPath(new URL(`${name}.ts`, import.meta.url));
}

/** Runs a client process to its end. @returns The JSON that it prints. */
export async function runClient(name: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...RUNS_TYPESCRIPT,
    program(name),
    ...args,
  ]);
  return JSON.parse(stdout);
}

export interface NodesOptions {
  /** The program of this folder that each node runs. */
  readonly node?: string;
  /** What the nodes are started with beside their ids, directories and peers. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What Node is started with for each, beside what runs TypeScript. */
  readonly flags?: (id: string) => readonly string[];
  /** What ends them. */
  readonly signal?: NodeJS.Signals;
}

/** Three node processes on empty disks, as long as `work` lasts. */
export async function withNodes<Result>(
  { flags = () => [], more = {}, node = 'durable-node', signal = 'SIGKILL' }: NodesOptions,
  work: (addresses: readonly string[], directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-bench-'));
  const peers = await freePeers();
  const processes = Object.keys(peers).map((id) => {
    const parts = [...flags(id), ...RUNS_TYPESCRIPT, program(node)];
    return new NodeProcess(id, join(directory, id), peers, { program: parts, more });
  });
  try {
    for (const started of processes) started.start();
    return await work(Object.values(peers), directory);
  } finally {
    await Promise.all(processes.map((started) => started.kill(signal)));
    await rm(directory, { recursive: true, force: true });
  }
}

/** The address of the one that leads, as soon as one does. */
export async function leaderOf(addresses: readonly string[]): Promise<string> {
  await using cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
  return await until('a leader is known', async () => {
    const { leader, members } = await cluster.info();
    return members.find(({ id }) => id === leader)?.address;
  });
}
