import { type Logger, silentLogger, VirtualClock } from '@decoraft/base';
import { type Dialer, memoryNetwork } from '@decoraft/rpc';
import { type Cluster, connect, type ConnectOptions } from 'decoraft/client';
import {
  type GroupLimits,
  type HostSettings,
  type JoinOptions,
  memoryStorage,
  RaftService,
  RpcServer,
  type Storage,
} from 'decoraft/server';
import { Counter } from '../../examples/counter/src/counter.machine.js';
import '../../examples/counter/src/generated/operations.js';

const PEERS = { a: 'host-a:1', b: 'host-b:1', c: 'host-c:1' } as const;
const STEP_MS = 10;
const STEPS_LIMIT = 20_000;

export interface VirtualOptions {
  /** A node's own machine. */
  readonly machine?: () => Counter;
  /** How a node reaches the others, given how it would. */
  readonly dialer?: (id: string, network: Dialer) => Dialer;
  readonly logger?: Logger;
  /** What a node is started with, for a group that has agreed on nothing. */
  readonly limits?: (id: string) => Partial<GroupLimits>;
  /** What each node keeps its log in; memory when it is not given. */
  readonly storageOf?: (id: string, clock: VirtualClock) => Storage;
}

interface Running {
  readonly machine: Counter;
  readonly server: RpcServer;
  readonly raft: RaftService;
}

/** Three real nodes in one process, on a network in memory, under a clock that moves only when it is told to. */
export class VirtualCluster {
  readonly clock = new VirtualClock(1_000_000);
  readonly network = memoryNetwork();
  readonly #storages = new Map<string, Storage>(Object.keys(PEERS).map((id) => [id, memoryStorage()]));
  readonly #nodes = new Map<string, Running>();
  readonly #clients: Cluster[] = [];

  readonly settings: Partial<HostSettings>;
  readonly #options: VirtualOptions;

  constructor(settings: Partial<HostSettings> = {}, options: VirtualOptions = {}) {
    this.settings = settings;
    this.#options = options;
    const { storageOf } = options;
    if (storageOf) for (const id of Object.keys(PEERS)) this.#storages.set(id, storageOf(id, this.clock));
  }

  static async start(settings?: Partial<HostSettings>, options?: VirtualOptions): Promise<VirtualCluster> {
    const cluster = new VirtualCluster(settings, options);
    for (const id of Object.keys(PEERS)) await cluster.startNode(id);
    return cluster;
  }

  async startNode(id: string): Promise<void> {
    const raft = await this.#assemble(id);
    await this.during(raft.bootstrap(PEERS));
  }

  /** Starts a node that enters the running cluster. */
  async joinNode(id: string, options: JoinOptions = {}): Promise<RaftService> {
    const raft = await this.#assemble(id);
    await this.during(raft.join(Object.values(PEERS), options));
    return raft;
  }

  node(id: string): RaftService {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`${id} does not run`);
    return node.raft;
  }

  server(id: string): RpcServer {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`${id} does not run`);
    return node.server;
  }

  machine(id: string): Counter {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`${id} does not run`);
    return node.machine;
  }

  /** The disk of a node that does not run. */
  survivor(id: string): { readonly id: string; readonly storage: Storage } {
    const storage = this.#storages.get(id);
    if (!storage) throw new Error(`${id} has no disk`);
    return { id, storage };
  }

  /** The node's disk is lost: it comes back with another, which is empty. */
  loseDisk(id: string): void {
    this.#storages.set(id, memoryStorage());
  }

  /** Stops a node as its owner would: a leader hands over first. */
  async closeNode(id: string): Promise<void> {
    const { raft, server } = this.#nodes.get(id) ?? {};
    await this.during(raft?.close() ?? Promise.resolve());
    await this.during(server?.close({ drainMs: 0 }) ?? Promise.resolve());
    this.#nodes.delete(id);
  }

  async #assemble(id: string): Promise<RaftService> {
    const { clock, network } = this;
    const server = new RpcServer({ address: this.address(id), listener: network, clock });
    const storage = this.#storages.get(id) ?? memoryStorage();
    this.#storages.set(id, storage);
    const { settings } = this;
    const { dialer, limits, logger = silentLogger, machine: create } = this.#options;
    const machine = create?.() ?? new Counter();
    const raft = new RaftService({
      server,
      storage,
      id,
      clock,
      transport: dialer?.(id, network) ?? network,
      settings,
      ...(limits && { limits: limits(id) }),
      logger,
    });
    raft.register('counter', machine);
    await server.listen();
    this.#nodes.set(id, { server, raft, machine });
    return raft;
  }

  /** Takes a node off the network and stops it, without a word to anybody. */
  async stopNode(id: string): Promise<void> {
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    this.network.sever(this.address(id));
    await this.during(node?.raft.close() ?? Promise.resolve());
    await this.during(node?.server.close({ drainMs: 0 }) ?? Promise.resolve());
  }

  async connect(options: ConnectOptions = {}): Promise<Cluster> {
    const { clock, network } = this;
    const connecting = connect(Object.values(PEERS), { clock, transport: network, ...options });
    const client = await this.during(connecting);
    this.#clients.push(client);
    return client;
  }

  /** The id of the node that leads, once one does. */
  async leader(): Promise<string> {
    return this.until('a node leads', () => [...this.#nodes].find(([, { raft }]) => raft.isLeader)?.[0]);
  }

  address(id: string): string {
    return `host-${id}:1`;
  }

  /** Lets time pass, in small steps, until `work` has settled. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    work.then(settle, settle);
    await this.until('the work has settled', () => isSettled);
    return work;
  }

  /** Lets time pass until `condition` gives something. */
  async until<Value>(what: string, condition: () => Value | undefined | false): Promise<Value> {
    for (let step = 0; step < STEPS_LIMIT; step++) {
      const value = condition();
      if (value !== undefined && value !== false) return value;
      await this.#step();
    }
    throw new Error(`not within ${STEPS_LIMIT * STEP_MS} virtual milliseconds: ${what}`);
  }

  async pass(durationMs: number): Promise<void> {
    for (let step = 0; step < durationMs / STEP_MS; step++) await this.#step();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await this.during(client.close());
    for (const id of this.#nodes.keys()) await this.stopNode(id);
  }

  /** What is ready happens first, then time moves. */
  async #step(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.clock.advance(STEP_MS);
  }
}
