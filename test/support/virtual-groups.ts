import { silentLogger } from '@decoraft/base';
import { BEATS_METHOD, SERVER_BEATS } from '@decoraft/host';
import { type Dialer, methodId, readFrames, serviceId } from '@decoraft/rpc';
import { type HostSettings, memoryStorage, RaftService } from 'decoraft/server';
import { Counter } from '../../examples/counter/src/counter.machine.js';
import { VirtualCluster } from './virtual-cluster.js';

export const IDS = ['a', 'b', 'c'] as const;
const PEERS = Object.fromEntries(IDS.map((id) => [id, `host-${id}:1`]));
const BEATS = serviceId(SERVER_BEATS);
const QUIET_METHODS = [BEATS_METHOD.quiet, BEATS_METHOD.quietAnswer].map((name) => methodId(name));

/** What the nodes sent each other without waiting for an answer: Raft messages, and beats of servers. */
export interface Sent {
  /** Messages, whatever is in them. */
  readonly messages: number;
  /** Those among them that say which groups rest. */
  readonly quiet: number;
}

/** Three nodes in one process under a virtual clock, with further groups on them, which are counted and cut off. */
export class VirtualGroups {
  readonly #groups = new Map<string, Map<string, RaftService>>();
  readonly #dialers = new Map<string, Dialer>();
  readonly #settings: Partial<HostSettings>;
  /** Nodes that reach nobody. */
  readonly cutOff = new Set<string>();
  readonly cluster: VirtualCluster;
  /** The machine of a group that is started. */
  machine = (): Counter => new Counter();
  #sent = { messages: 0, quiet: 0 };

  constructor(settings: Partial<HostSettings>) {
    this.#settings = settings;
    this.cluster = new VirtualCluster(settings, { dialer: (id, network) => this.#dialer(id, network) });
  }

  async start(names: readonly string[] = []): Promise<void> {
    for (const id of IDS) await this.cluster.startNode(id);
    for (const id of IDS) this.#groups.set(id, new Map([['main', this.cluster.node(id)]]));
    for (const name of names) for (const id of IDS) await this.startGroup(id, name);
    for (const name of ['main', ...names]) await this.leadBy('a', name);
  }

  async startGroup(id: string, name: string): Promise<RaftService> {
    const { clock, network } = this.cluster;
    const raft = new RaftService({
      server: this.cluster.server(id),
      storage: memoryStorage(),
      id,
      group: name,
      clock,
      transport: this.#dialer(id, network),
      settings: this.#settings,
      logger: silentLogger,
    });
    raft.register('counter', this.machine());
    await this.cluster.during(raft.bootstrap(PEERS));
    this.#groups.get(id)?.set(name, raft);
    return raft;
  }

  group(id: string, name: string): RaftService {
    const raft = this.#groups.get(id)?.get(name);
    if (!raft) throw new Error(`${id} has no group ${name}`);
    return raft;
  }

  /** All of them, of the nodes that are named. */
  all(ids: readonly string[] = IDS): readonly RaftService[] {
    return ids.flatMap((id) => [...(this.#groups.get(id)?.values() ?? [])]);
  }

  /** Sees to it that this node leads the group. */
  async leadBy(id: string, name: string): Promise<void> {
    await this.cluster.until('there is a leader', () =>
      IDS.some((other) => this.group(other, name).isLeader),
    );
    for (let attempt = 0; attempt < 10 && !this.group(id, name).isLeader; attempt++) {
      await this.cluster.during(
        this.group(id, name)
          .transferLeadership(id)
          .catch(() => undefined),
      );
    }
    await this.cluster.until('all follow', () => IDS.every((other) => this.group(other, name).leader === id));
  }

  /** What is sent while so much time passes. */
  async sentWithin(durationMs: number): Promise<Sent> {
    this.#sent = { messages: 0, quiet: 0 };
    await this.cluster.pass(durationMs);
    return { ...this.#sent };
  }

  async whenAllRest(): Promise<void> {
    await this.cluster.until('all rest', () => this.all().every((raft) => raft.isQuiet));
    // What was on its way arrives.
    await this.cluster.pass(200);
  }

  async close(): Promise<void> {
    for (const raft of this.all()) await this.cluster.during(raft.close());
    await this.cluster.close();
  }

  #dialer(id: string, network: Dialer): Dialer {
    let dialer = this.#dialers.get(id);
    if (!dialer) this.#dialers.set(id, (dialer = this.#counting(id, network)));
    return dialer;
  }

  #counting(id: string, network: Dialer): Dialer {
    return {
      dial: async (address, events, options) => {
        const isCut = (): boolean =>
          this.cutOff.has(id) || this.cutOff.has(address.slice('host-'.length, -2));
        const connection = await network.dial(
          address,
          { ...events, message: (message) => void (isCut() || events.message(message)) },
          options,
        );
        return {
          get bufferedBytes() {
            return connection.bufferedBytes;
          },
          send: (message) => {
            if (isCut()) return;
            this.#count(message);
            connection.send(message);
          },
          close: (code, reason) => connection.close(code, reason),
        };
      },
    };
  }

  #count(message: Uint8Array): void {
    // The hello is no frame of these.
    try {
      readFrames(message, (frame) => {
        if (frame.kind !== 'send') return true;
        this.#sent.messages++;
        if (frame.service === BEATS && QUIET_METHODS.includes(frame.method)) this.#sent.quiet++;
        return true;
      });
    } catch {
      return;
    }
  }
}
