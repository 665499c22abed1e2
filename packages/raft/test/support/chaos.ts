import { CodedError, seededRandom } from '@decoraft/base';
import type { Configuration, Message } from '../../src/index.js';
import type { Fact } from '../facts/fact.js';
import { allFacts } from '../facts/index.js';
import { Draw } from './chaos-draw.js';
import { bytes, Cluster } from './cluster.js';
import { configurationWords } from './configuration-words.js';
import type { Server } from './server.js';
import { statusLine } from './trace.js';

/** What a run reached, so that a test can see that it was not idle. */
export interface Reached {
  readonly committed: number;
  readonly terms: number;
  readonly reads: number;
  readonly crashes: number;
  /** Configurations that took effect. */
  readonly configurations: number;
  /** Snapshots of a leader that were installed. */
  readonly installed: number;
  /** Leaderships that began by a transfer. */
  readonly transfers: number;
  /** How many times a server came to rest. */
  readonly rests: number;
}

/** Messages that the network holds at most; the oldest are lost then. */
const MAX_IN_FLIGHT = 400;
const MAX_WRITES = 8;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

/**
 * A cluster under a seed: messages are lost, repeated and overtaken, servers are cut off, are slow to write, stand
 * still, and crash with what was not durable; members come and go, leaders hand over, logs are compacted. All facts
 * are checked after every step.
 */
export class Chaos {
  readonly #draw: Draw;
  readonly #facts: readonly Fact[] = allFacts();
  readonly #cluster: Cluster;
  /** Leases hold by time (thesis §6.4.1): then all clocks tick together, and who stood still is told so. */
  readonly #hasLeases: boolean;
  readonly #electionTicks: number;
  readonly #keepsPeace: boolean;
  /** Nobody reaches them, and they reach nobody. */
  #cutOff: readonly string[] = [];
  /** How likely a message is lost, changing from time to time. */
  #loss = 0;
  /** Who is away, until which tick, and what it is told when it is back. */
  readonly #away = new Map<string, { readonly until: number; readonly back: () => void }>();
  /** With leases: who has not ticked in this round of all clocks. */
  #round: Server[] = [];
  #now = 0;
  #context = 0;
  #proposal = 0;
  #counts = { reads: 0, crashes: 0, configurations: 0, installed: 0, transfers: 0, rests: 0 };

  constructor(seed: number) {
    this.#draw = new Draw(seededRandom(seed));
    const names = NAMES.slice(0, this.#draw.oneOf([1, 3, 3, 3, 5, 5]));
    const options = this.#draw.options();
    this.#hasLeases = options.readOnlyOption === 'lease';
    this.#electionTicks = options.electionTicks ?? 0;
    this.#keepsPeace = options.preVote === true && options.checkQuorum === true;
    this.#cluster = new Cluster(names, options, {}, this.#draw.company(names));
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) this.#step();
  }

  /** All obstacles end. @throws when no proposal gets through to all members within `ticks` ticks. */
  heal(ticks: number): Reached {
    this.#cutOff = [];
    this.#loss = 0;
    for (const { back } of this.#away.values()) back();
    this.#away.clear();
    // A duty of drivers: nobody rests for ever.
    for (const { raft } of this.#cluster.servers) raft.wake();
    let proposed = -1;
    for (let tick = 0; tick < ticks; tick++) {
      this.#tick(this.#running);
      this.#workAll();
      const { leader } = this.#cluster;
      // A duty of drivers: a newcomer is sent no snapshot that does not know it.
      leader?.snapshot();
      if (leader && proposed < 0) {
        const result = leader.raft.propose([bytes('healed')]);
        if (result.ok) proposed = result.firstIndex;
        this.#workAll();
      }
      const isDone = this.#members.every(({ status }) => status.applied >= proposed);
      if (proposed >= 0 && isDone) return this.#reached();
      // The proposal may have gone down with its leader.
      if (tick % 20 === 19) proposed = -1;
    }
    const states = this.#cluster.servers.map(({ status }) => {
      return `${statusLine(status)} members ${configurationWords(status.configuration)}`;
    });
    throw new Error([`no progress within ${ticks} ticks after healing`, ...states].join('\n'));
  }

  #reached(): Reached {
    const states = this.#cluster.servers.map(({ status }) => status);
    return {
      ...this.#counts,
      committed: Math.max(...states.map(({ commit }) => commit)),
      terms: Math.max(...states.map(({ term }) => term)),
    };
  }

  /** By the newest configuration that is in effect anywhere. Who was removed may never hear of it. */
  get #members(): readonly Server[] {
    const states = this.#cluster.servers.map(({ machine }) => machine.state);
    const newest = states.reduce((best, state) => (state.index > best.index ? state : best));
    return this.#serversOf(newest.configuration);
  }

  /** Members, and those whom a member still needs. Others are shut down, unless nobody minds them. */
  get #running(): readonly Server[] {
    if (this.#keepsPeace) return this.#cluster.servers;
    return this.#cluster.servers.filter((server) =>
      this.#members.some((member) => this.#serversOf(member.machine.state.configuration).includes(server)),
    );
  }

  #serversOf({ learners, voters, votersOutgoing }: Configuration): readonly Server[] {
    const ids = [...voters, ...votersOutgoing, ...learners];
    return this.#cluster.servers.filter(({ id }) => ids.includes(id));
  }

  #step(): void {
    const chance = this.#draw.random();
    const server = this.#draw.oneOf(this.#cluster.servers);
    if (chance < 0.1) this.#clock(server);
    else if (chance < 0.55) this.#network();
    else if (this.#away.has(server.id)) return;
    else if (chance < 0.69) this.#take(server);
    else if (chance < 0.83) this.#finishWork(server);
    else if (chance < 0.91) this.#propose(server);
    else if (chance < 0.935) this.#read(server);
    else if (chance < 0.937) this.#input(server, () => server.raft.campaign());
    else if (chance < 0.943) this.#crash(server);
    else if (chance < 0.9465) this.#weather();
    else if (chance < 0.956) this.#changeMembers();
    else if (chance < 0.97) this.#snapshot(server);
    else if (chance < 0.972) this.#transfer();
    else if (chance < 0.973) this.#input(server, () => server.raft.forgetLeader());
    else if (chance < 0.974) this.#pause(server);
    else if (chance < 0.976) this.#unreachable(server);
    else if (chance < 0.9762) this.#calm();
    else if (chance < 0.978) this.#input(server, () => server.raft.wake());
  }

  /** For a while everybody hears everybody, and nothing is asked for: then some rest where their leader may. */
  #calm(): void {
    const { servers } = this.#cluster;
    for (let tick = 0; tick < 2 * this.#electionTicks + 2; tick++) {
      this.#tick(servers);
      this.#workAll();
    }
    for (const server of servers) this.#check(server);
    for (const server of servers) if (!this.#away.has(server.id)) this.#rest(server);
  }

  /** Safety must depend neither on who agreed to it, nor on how long they rest. */
  #rest({ raft: leader }: Server): void {
    const at = leader.restingPoint;
    if (!at) return;
    for (const { id, raft } of this.#cluster.servers) {
      if (!this.#away.has(id) && this.#draw.random() < 0.7 && raft.quiesce(at)) this.#counts.rests++;
    }
  }

  #input(server: Server, act: () => void): void {
    if (this.#away.has(server.id)) return;
    act();
    this.#check(server);
    // Most drivers take what is ready at once; some inputs meet before.
    if (this.#draw.chance(0.7)) this.#take(server);
  }

  #check(server: Server): void {
    for (const fact of this.#facts) fact.stepped?.(server, this.#cluster.servers);
  }

  /** Clocks go as they like; where leases need them to go together, none gets more than a tick ahead of another. */
  #clock(server: Server): void {
    if (!this.#hasLeases) return this.#tick([server]);
    if (this.#round.length === 0) this.#round = this.#draw.shuffled(this.#cluster.servers);
    this.#tick(this.#round.splice(0, 1));
  }

  #tick(servers: readonly Server[]): void {
    this.#now++;
    for (const server of servers) if (!this.#away.has(server.id)) server.raft.tick();
    for (const [id, { back, until }] of this.#away) {
      if (until > this.#now) continue;
      this.#away.delete(id);
      back();
    }
    for (const server of servers) this.#check(server);
    for (const server of servers) if (this.#draw.chance(0.7)) this.#take(server);
  }

  #network(): void {
    for (let count = this.#draw.oneOf([1, 1, 4, 10]); count > 0; count--) this.#deliverOne();
  }

  #deliverOne(): void {
    const { inFlight } = this.#cluster;
    if (inFlight.length === 0) return;
    // Mostly in order; else any overtakes.
    const at = this.#draw.chance(0.7) ? 0 : Math.floor(this.#draw.random() * inFlight.length);
    const message = inFlight[at];
    if (!message) return;
    // One that stays is delivered again later.
    if (this.#draw.chance(0.95)) inFlight.splice(at, 1);
    const isCut = this.#cutOff.includes(message.from) || this.#cutOff.includes(message.to);
    if (isCut || this.#away.has(message.to) || this.#draw.chance(this.#loss)) return this.#report(message, 0);
    this.#deliver(message);
    this.#report(message, 0.9);
  }

  #deliver(message: Message): void {
    const receiver = this.#cluster.server(message.to);
    this.#input(receiver, () => receiver.raft.step(message));
  }

  /** Whoever carries a snapshot tells its sender what became of it, and is wrong now and then. */
  #report(message: Message, finished: number): void {
    if (message.kind !== 'install-snapshot-request') return;
    const sender = this.#cluster.server(message.from);
    const outcome = this.#draw.chance(finished) ? 'finished' : 'failed';
    this.#input(sender, () => sender.raft.reportSnapshot(message.to, outcome));
  }

  #take(server: Server): void {
    if (!server.raft.hasReady() || server.writing.length > MAX_WRITES || this.#away.has(server.id)) return;
    const before = { reads: server.reads.length, members: server.status.configuration };
    const { messages } = server.take();
    this.#counts.reads += server.reads.length - before.reads;
    if (server.status.configuration !== before.members) this.#counts.configurations++;
    for (const fact of this.#facts) fact.taken?.(server, this.#cluster.servers);
    this.#check(server);
    this.#send(server, messages);
  }

  #finishWork(server: Server): void {
    if (server.applying.length > 0 && this.#draw.chance(0.5)) {
      server.finishApply();
      this.#check(server);
    }
    this.#finishWrite(server);
  }

  #finishWrite(server: Server): void {
    if (server.writing.length === 0) return;
    const before = server.machine.state.index;
    this.#send(server, server.finishWrite());
    if (server.machine.state.index > before) this.#counts.installed++;
    this.#check(server);
  }

  #send(server: Server, messages: readonly Message[]): void {
    const { inFlight } = this.#cluster;
    for (const message of messages) {
      for (const fact of this.#facts) fact.sent?.(server, message);
      if (message.kind === 'timeout-now') this.#counts.transfers++;
      inFlight.push(message);
    }
    for (const lost of inFlight.splice(0, inFlight.length - MAX_IN_FLIGHT)) this.#report(lost, 0);
  }

  #propose(server: Server): void {
    const count = this.#draw.oneOf([1, 1, 3]);
    const data = Array.from({ length: count }, () => bytes(`p${this.#proposal++}`));
    this.#input(server, () => server.raft.propose(data));
  }

  #read(server: Server): void {
    const context = ++this.#context;
    for (const fact of this.#facts) fact.readAsked?.(server, context, this.#cluster.servers);
    const proof = this.#hasLeases ? this.#draw.oneOf(['lease', 'lease', 'round'] as const) : 'round';
    this.#input(server, () => server.raft.readIndex(context, proof));
  }

  #crash(server: Server): void {
    this.#counts.crashes++;
    server.crash(this.#draw.upTo(server.writing.length));
    this.#check(server);
  }

  /** It stands still, with all that it knows, for some time; then it is told, before anything else. */
  #pause(server: Server): void {
    if (!this.#hasLeases) return this.#input(server, () => server.raft.paused());
    const ticks = this.#draw.upTo(3 * this.#electionTicks);
    const until = this.#now + ticks * this.#cluster.servers.length;
    this.#away.set(server.id, { until, back: () => server.raft.paused() });
  }

  /** Asked of a leader mostly; a change that the configuration does not allow is refused. */
  #changeMembers(): void {
    const { leader, servers } = this.#cluster;
    const server = this.#draw.chance(0.9) && leader ? leader : this.#draw.oneOf(servers);
    const change = this.#draw.change(servers.map(({ id }) => id));
    this.#input(server, () => {
      try {
        server.raft.proposeConfigurationChange(change);
      } catch (error) {
        if (!(error instanceof CodedError) || error.code !== 'InvalidArgument') throw error;
      }
    });
  }

  #transfer(): void {
    const { leader, servers } = this.#cluster;
    const server = this.#draw.chance(0.7) && leader ? leader : this.#draw.oneOf(servers);
    this.#input(server, () => server.raft.transferLeadership(this.#draw.oneOf(servers).id));
  }

  #snapshot(server: Server): void {
    const { index } = server.machine.state;
    const durable = server.log.disk.snapshot?.index ?? 0;
    if (index > durable && this.#draw.chance(0.6)) server.snapshot();
    else if (durable > 0) server.compact(durable - this.#draw.oneOf([0, 0, 1, 3]));
    this.#check(server);
  }

  #unreachable(server: Server): void {
    this.#input(server, () => server.raft.reportUnreachable(this.#draw.oneOf(this.#cluster.servers).id));
  }

  /** The network changes its mood. */
  #weather(): void {
    this.#loss = this.#draw.oneOf([0, 0, 0.05, 0.3]);
    const { leader, servers } = this.#cluster;
    const anybody = this.#draw.oneOf(servers).id;
    // What a leader does that nobody hears is worth a look of its own.
    const whole: readonly string[] = [];
    this.#cutOff = this.#draw.oneOf([
      whole,
      whole,
      [anybody],
      [anybody, this.#draw.oneOf(servers).id],
      [leader?.id ?? anybody],
    ]);
  }

  #workAll(): void {
    for (let round = 0; round < 50; round++) {
      for (const server of this.#cluster.servers) this.#workOff(server);
      const messages = this.#cluster.pick();
      if (messages.length === 0) return;
      for (const message of messages) {
        this.#deliver(message);
        this.#report(message, 1);
      }
    }
  }

  #workOff(server: Server): void {
    while (server.isBusy) {
      while (server.raft.hasReady() && server.writing.length <= MAX_WRITES) this.#take(server);
      while (server.writing.length > 0) this.#finishWrite(server);
      while (server.applying.length > 0) {
        server.finishApply();
        this.#check(server);
      }
    }
  }
}
