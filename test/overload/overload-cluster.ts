import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect } from 'decoraft/client';
import { until } from '../../examples/key-value/src/node-process.js';
import { ProcessCluster } from '../support/process-cluster.js';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What a node process of the test may keep on its heap, in MiB: whatever grows without a limit ends it. */
const HEAP_MEBIBYTES = 128;

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

export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  /** The most resident memory that the process ever had. */
  readonly peak: number;
}

/** Three node processes with little memory, and client processes that ask for too much. */
export class OverloadCluster {
  readonly processes: ProcessCluster;

  private constructor(processes: ProcessCluster) {
    this.processes = processes;
  }

  static async start(): Promise<OverloadCluster> {
    const node = [`--max-old-space-size=${HEAP_MEBIBYTES}`, program('tally-node.mjs')];
    // Whoever runs beside this test must not cost the cluster its leader: that is tried elsewhere.
    const more = { settings: { electionTicks: 60 } };
    const processes = await ProcessCluster.start({ program: node, more });
    await processes.leader();
    return new OverloadCluster(processes);
  }

  get addresses(): readonly string[] {
    return this.processes.addresses;
  }

  /** A process for each load; resolves when all of them are over. */
  run(loads: readonly Load[]): Promise<readonly Served[]> {
    return Promise.all(
      loads.map(async (load) => {
        const options = JSON.stringify({ addresses: this.addresses, ...load });
        const { stdout } = await promisify(execFile)(
          process.execPath,
          [program('load-client.mjs'), options],
          {
            maxBuffer: 64 * 1024 * 1024,
          },
        );
        return JSON.parse(stdout) as Served;
      }),
    );
  }

  /** Of every node. */
  memory(): Promise<readonly Memory[]> {
    return Promise.all(
      this.addresses.map((address) =>
        until(`${address} answers`, async () => {
          await using cluster = await connect([address], { connectTimeoutMs: 30_000 });
          return (await cluster.service('probe').call('memory')) as Memory;
        }),
      ),
    );
  }

  close(): Promise<void> {
    return this.processes.close();
  }
}
