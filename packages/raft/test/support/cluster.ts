import { seededRandom } from '@decoraft/base';
import type { Configuration, Message, RaftOptions } from '../../src/index.js';
import { configurationOf, nodeId } from '../../src/index.js';
import type { Image } from './machine.js';
import type { Disk } from './memory-log.js';
import { Server, type ServerOptions, type Snapshots } from './server.js';

export { bytes, textOf } from './words.js';

export type ClusterOptions = Partial<Omit<RaftOptions, 'id' | 'log' | 'hardState'>>;

/** Beside the voters. */
export interface Company {
  readonly learners?: readonly string[];
  /** Servers that know the others, and are no members yet. */
  readonly spares?: readonly string[];
  /** Options of single servers. */
  readonly own?: Readonly<Record<string, ClusterOptions>>;
}

/** Rounds until a cluster that is left alone must have come to rest. */
const SETTLE_LIMIT = 200;

/** Servers and the messages between them, in the order in which they were sent. */
export class Cluster {
  readonly servers: Server[];
  readonly #options: ClusterOptions;
  readonly #company: Company;
  readonly #configuration: Configuration;
  readonly #snapshots: Snapshots = new Map<string, Image>();
  inFlight: Message[] = [];

  /** @param names The voters, unless the options have a configuration. */
  constructor(
    names: readonly string[],
    options: ClusterOptions = {},
    disks: Readonly<Record<string, Disk>> = {},
    company: Company = {},
  ) {
    const { learners = [], spares = [] } = company;
    const plain = { voters: names.map(nodeId), learners: learners.map(nodeId) };
    this.#options = options;
    this.#company = company;
    this.#configuration = options.configuration ?? configurationOf(plain);
    const all = [...names, ...learners, ...spares];
    this.servers = all.map((name, at) => this.#create(name, at, disks[name]));
  }

  /** Starts a server that has nothing but the configuration with which the log begins. */
  join(name: string): Server {
    const server = this.#create(name, this.servers.length);
    this.servers.push(server);
    return server;
  }

  #create(name: string, at: number, disk?: Disk): Server {
    const options: ServerOptions = {
      electionTicks: 10,
      heartbeatTicks: 1,
      random: seededRandom(at + 1),
      ...this.#options,
      ...this.#company.own?.[name],
      configuration: this.#configuration,
    };
    return new Server(nodeId(name), options, disk, this.#snapshots);
  }

  server(name: string): Server {
    const server = this.servers.find(({ id }) => id === name);
    if (!server) throw new Error(`there is no server ${name}`);
    return server;
  }

  /** Takes all readies of a server and finishes its writes; what it has to say is in flight then. */
  work(name: string): void {
    const server = this.server(name);
    while (server.isBusy) {
      while (server.raft.hasReady()) this.inFlight.push(...server.take().messages);
      while (server.writing.length > 0) this.inFlight.push(...server.finishWrite());
      while (server.applying.length > 0) server.finishApply();
    }
  }

  /** Takes the messages in flight that are chosen off the network. */
  pick(chosen: (message: Message) => boolean = () => true): readonly Message[] {
    const picked = this.inFlight.filter(chosen);
    this.inFlight = this.inFlight.filter((message) => !picked.includes(message));
    return picked;
  }

  /** Delivers the messages in flight that are chosen, and not those that they cause. */
  deliver(chosen?: (message: Message) => boolean): void {
    for (const message of this.pick(chosen)) this.server(message.to).raft.step(message);
  }

  drop(chosen?: (message: Message) => boolean): void {
    this.pick(chosen);
  }

  /** Lets all work and deliver until nothing is left to do. Those that are cut off neither send nor receive. */
  settle(cutOff: readonly string[] = []): void {
    const isLost = ({ from, to }: Message): boolean => cutOff.includes(from) || cutOff.includes(to);
    for (let round = 0; round < SETTLE_LIMIT; round++) {
      for (const { id } of this.servers) this.work(id);
      this.drop(isLost);
      if (this.inFlight.length === 0) return;
      this.deliver();
    }
    throw new Error(`the cluster did not come to rest within ${SETTLE_LIMIT} rounds`);
  }

  /** Makes a server leader. */
  elect(name: string): Server {
    const server = this.server(name);
    server.raft.campaign();
    this.settle();
    if (server.status.role !== 'leader') throw new Error(`${name} was not elected`);
    return server;
  }

  tick(name: string, count = 1): void {
    for (let tick = 0; tick < count; tick++) this.server(name).raft.tick();
  }

  get leader(): Server | undefined {
    const leaders = this.servers.filter(({ status }) => status.role === 'leader');
    return leaders.toSorted((left, right) => right.status.term - left.status.term)[0];
  }
}

export const to =
  (name: string) =>
  (message: Message): boolean =>
    message.to === name;
