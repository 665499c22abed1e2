import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, connect } from 'decoraft/client';
import { KeyValueClient } from '../../examples/key-value/src/generated/key-value.client.js';
import {
  freePeers,
  NodeProcess,
  type NodeProcessOptions,
  until,
} from '../../examples/key-value/src/node-process.js';

/** Three processes, three disks: the key-value example's nodes, to be killed at will. */
export class ProcessCluster {
  readonly directory: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly nodes: readonly NodeProcess[];
  readonly #clusters: Cluster[] = [];

  private constructor(
    directory: string,
    peers: Readonly<Record<string, string>>,
    options: NodeProcessOptions,
  ) {
    this.directory = directory;
    this.peers = peers;
    this.nodes = Object.keys(peers).map((id) => new NodeProcess(id, join(directory, id), peers, options));
  }

  /** @param options What runs on every node; the example's own program when nothing is said. */
  static async start(options: NodeProcessOptions = {}): Promise<ProcessCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'decoraft-system-'));
    const cluster = new ProcessCluster(directory, await freePeers(), options);
    cluster.startAll();
    return cluster;
  }

  get addresses(): readonly string[] {
    return Object.values(this.peers);
  }

  startAll(): void {
    for (const node of this.nodes) if (!node.isRunning) node.start();
  }

  async killAll(): Promise<void> {
    await this.kill(Object.keys(this.peers));
  }

  /** At once, or as near to it as signals are. */
  async kill(ids: readonly string[]): Promise<void> {
    await Promise.all(this.nodes.filter(({ id }) => ids.includes(id)).map((node) => node.kill()));
  }

  async connect(addresses: readonly string[] = this.addresses): Promise<Cluster> {
    const cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
    this.#clusters.push(cluster);
    return cluster;
  }

  async users(timeoutMs = 30_000): Promise<KeyValueClient> {
    return new KeyValueClient(await this.connect(), 'users').with({ timeoutMs });
  }

  /** The node that the cluster agrees to be led by, and that is alive. */
  async leader(): Promise<NodeProcess> {
    const cluster = await this.connect();
    return until('a living leader is known', async () => {
      const { leader } = await cluster.info().catch(() => ({ leader: undefined }));
      return this.nodes.find((node) => node.id === leader && node.isRunning);
    });
  }

  /** Closes every client; what they had under way rejects. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#clusters.splice(0).map((cluster) => cluster.close()));
  }

  async close(): Promise<void> {
    await this.killAll();
    await this.disconnect();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** What the nodes printed, for a failing test's message. */
  get output(): string {
    return this.nodes.map((node) => `--- ${node.id}\n${node.output}`).join('\n');
  }
}
