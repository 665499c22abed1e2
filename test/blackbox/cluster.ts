import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'decoraft/client';
import { StateHashes } from '@decoraft/testing';
import { NodeProcess, until } from '../../examples/key-value/src/node-process.js';
import type { FaultyNetwork } from './network/faulty-network.js';
import type { NodeProbe } from './processes/names.js';

const PROGRAM = fileURLToPath(new URL('processes/dist/node.js', import.meta.url));
/** Of each node, in characters. */
const OUTPUT_SHOWN = process.env['DECORAFT_BLACKBOX_LOG'] === undefined ? 10_000 : 10_000_000;
const EQUAL_LIMIT_MS = 60_000;
/** Small, so that within some seconds snapshots are taken, logs compacted, and followers left behind. */
const SETTINGS = {
  snapshotEntries: 1_000,
  snapshotTailEntries: 200,
  stateCheckEntries: 500,
  leaseReads: true,
};
const STORAGE = { segmentBytes: 262_144, cacheBytes: 65_536 };

export interface NodesOptions {
  readonly directory: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly network: FaultyNetwork;
}

/** The nodes, as processes that reach each other through the network. */
export class Nodes {
  readonly processes: readonly NodeProcess[];

  constructor({ directory, network, peers }: NodesOptions) {
    const ids = Object.keys(peers);
    const ways = Object.fromEntries(ids.map((id) => [id, network.waysOf(id)]));
    const more = { settings: SETTINGS, storage: STORAGE, ways };
    this.processes = ids.map(
      (id) => new NodeProcess(id, join(directory, id), peers, { program: [PROGRAM], more }),
    );
  }

  start(): void {
    for (const node of this.processes) node.start();
  }

  async kill(): Promise<void> {
    await Promise.all(this.processes.map((node) => node.kill()));
  }

  /** Who led in the highest term of which anybody has told. */
  leader(): string {
    const led = this.processes.map(({ id, output }) => ({ id, term: lastTermIn(output) }));
    return led.toSorted((left, right) => right.term - left.term)[0]?.id ?? '';
  }

  get elections(): number {
    return this.processes.reduce((sum, { output }) => sum + output.split('LEADS ').length - 1, 0);
  }

  /** How long it took the slowest of all that were ever started: what a busy machine adds to every silence. */
  get slowestStartMs(): number {
    const starts = this.processes.flatMap(({ output }) => [...output.matchAll(/^STARTED (\d+)$/gm)]);
    return Math.max(0, ...starts.map(([, durationMs]) => Number(durationMs)));
  }

  /** What nodes said that ended by themselves, or differ from the others. */
  get complaints(): readonly string[] {
    return this.processes.flatMap(({ id, output }) =>
      output
        .split('\n')
        .filter((line) => /^(FAILED|DIVERGED)/.test(line))
        .map((line) => `${id}: ${line}`),
    );
  }

  get output(): string {
    return this.processes.map(({ id, output }) => `--- ${id}\n${output.slice(-OUTPUT_SHOWN)}`).join('\n');
  }

  /** Waits until all have applied the same. Throws when their states differ, or when it takes too long. */
  async mustBeEqual(): Promise<readonly NodeProbe[]> {
    const hashes = new StateHashes();
    const doors = await Promise.all(
      this.processes.map(async ({ address, id }) => {
        const door = await connect([address], { connectTimeoutMs: EQUAL_LIMIT_MS });
        return { id, door, service: door.service('probe') };
      }),
    );
    try {
      const ask = async (): Promise<readonly NodeProbe[] | undefined> => {
        const probes = await Promise.all(
          doors.map(async ({ id, service }) => {
            const probe = (await service.call('probe')) as NodeProbe;
            hashes.applied(id, probe.applied, probe.hash);
            return probe;
          }),
        );
        return probes.every(({ applied }) => applied === probes[0]?.applied) ? probes : undefined;
      };
      return await until('all nodes have applied the same', ask, EQUAL_LIMIT_MS);
    } finally {
      await Promise.all(doors.map(({ door }) => door.close()));
    }
  }
}

function lastTermIn(output: string): number {
  const place = output.lastIndexOf('LEADS ');
  return place === -1 ? 0 : Number.parseInt(output.slice(place + 'LEADS '.length), 10);
}
