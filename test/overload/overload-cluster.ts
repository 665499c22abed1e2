import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RpcLimits } from '@decoraft/rpc';
import { connect, type WindowLimits } from 'decoraft/client';
import type { HostSettings } from 'decoraft/server';
import { until } from '../../examples/key-value/src/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What each process may keep on its heap, in MiB: whatever grows without a limit ends it. */
const HEAP_MEBIBYTES = 128;
/** For a client to start, and to be answered at the end, whatever else the machine does. */
const CLIENT_PATIENCE_MS = 120_000;

/** What the nodes are, and what the clients send. */
export interface OverloadOptions {
  readonly settings?: Partial<HostSettings>;
  readonly limits?: Partial<RpcLimits>;
  /** What a flush of a node's disk takes beside the disk's own time. */
  readonly flushMs?: number;
  /** When the nodes end by themselves: nothing may outlive a test that was killed. */
  readonly lifeMs?: number;
  /** Of a command, from the least to the most, in powers of two. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** How much each client keeps that has no answer yet. */
  readonly window?: Partial<WindowLimits>;
}

export interface Load {
  readonly name: string;
  readonly seconds: number;
  /** Begins by the clock, however many have no answer yet. */
  readonly perSecond?: number;
  /** Keeps so many under way. */
  readonly inFlight?: number;
  readonly timeoutMs: number;
}

/** What became of a load. */
export interface Served {
  readonly name: string;
  readonly offered: number;
  /** Acknowledged while the load lasted. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many ended with which error. */
  readonly ends: Readonly<Record<string, number>>;
  /** The numbers that were. */
  readonly acknowledged: readonly number[];
}

/** What a node says of itself. */
export interface NodeState {
  /** Resident, in bytes. */
  readonly rss: number;
  /** The most that it ever had. */
  readonly peak: number;
  /** The queries that it has read. */
  readonly asked: number;
  /** What it has not let in, of all that it was asked for. */
  readonly refused: number;
}

/** Three node processes with little memory, and client processes that ask for too much. */
export class OverloadCluster {
  readonly processes: ProcessCluster;
  readonly #options: OverloadOptions;

  private constructor(processes: ProcessCluster, options: OverloadOptions) {
    this.processes = processes;
    this.#options = options;
  }

  static async start(options: OverloadOptions): Promise<OverloadCluster> {
    const { flushMs, lifeMs, limits, settings } = options;
    const node = [`--max-old-space-size=${HEAP_MEBIBYTES}`, program('tally-node.mjs')];
    // Whoever runs beside this test must not cost the cluster its leader: that is tried elsewhere.
    const more = { settings: { electionTicks: 60, ...settings }, limits, flushMs, lifeMs };
    const processes = await ProcessCluster.start({ program: node, more });
    await processes.leader();
    return new OverloadCluster(processes, options);
  }

  get addresses(): readonly string[] {
    return this.processes.addresses;
  }

  /** A process for each load; resolves when all of them are over. */
  run(loads: readonly Load[]): Promise<readonly Served[]> {
    return Promise.all(
      loads.map(async (load) => {
        const { leastBytes, mostBytes, window } = this.#options;
        const options = JSON.stringify({ addresses: this.addresses, leastBytes, mostBytes, window, ...load });
        const parts = [`--max-old-space-size=${HEAP_MEBIBYTES}`, program('load-client.mjs'), options];
        const timeout = load.seconds * 1_000 + load.timeoutMs + CLIENT_PATIENCE_MS;
        const { stdout } = await promisify(execFile)(process.execPath, parts, {
          maxBuffer: 64 * 1024 * 1024,
          timeout,
          killSignal: 'SIGKILL',
        });
        return JSON.parse(stdout) as Served;
      }),
    );
  }

  /** Of every node. */
  states(): Promise<readonly NodeState[]> {
    return Promise.all(
      this.addresses.map((address) =>
        until(`${address} answers`, async () => {
          await using cluster = await connect([address], { connectTimeoutMs: 30_000 });
          return (await cluster.service('probe').call('state')) as NodeState;
        }),
      ),
    );
  }

  close(): Promise<void> {
    return this.processes.close();
  }
}
