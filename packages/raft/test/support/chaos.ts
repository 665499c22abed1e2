import { type Random, seededRandom } from '@decoraft/base';
import type { Message } from '../../src/index.js';
import { allFacts } from '../facts/index.js';
import type { Fact } from '../facts/fact.js';
import { bytes, Cluster } from './cluster.js';
import type { Server } from './server.js';

/** What a run reached, so that a test can see that it was not idle. */
export interface Reached {
  readonly committed: number;
  readonly terms: number;
  readonly reads: number;
  readonly crashes: number;
}

/** Messages that the network holds at most; the oldest are lost then. */
const MAX_IN_FLIGHT = 400;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

/**
 * A cluster under a seed: messages are lost, repeated and overtaken, servers are cut off, are slow to write, and
 * crash with what was not durable. All facts are checked after every step.
 */
export class Chaos {
  readonly #random: Random;
  readonly #facts: readonly Fact[] = allFacts();
  readonly #cluster: Cluster;
  /** Nobody reaches them, and they reach nobody. */
  #cutOff: readonly string[] = [];
  /** How likely a message is lost, changing from time to time. */
  #loss = 0;
  #context = 0;
  #proposal = 0;
  #reads = 0;
  #crashes = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const names = NAMES.slice(0, this.#oneOf([1, 3, 3, 3, 5, 5]));
    this.#cluster = new Cluster(names, {
      random: this.#random,
      electionTicks: this.#oneOf([3, 6]),
      preVote: this.#oneOf([true, true, false]),
      checkQuorum: this.#oneOf([true, true, false]),
      maxMessageBytes: this.#oneOf([1, 8, 1024]),
      maxInflightMessages: this.#oneOf([1, 3, 256]),
      maxUncommittedBytes: this.#oneOf([16, 1024]),
      maxCommittedBytes: this.#oneOf([1, 8, 1024]),
    });
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) this.#step();
  }

  /** All obstacles end. @throws when no proposal gets through everywhere within `ticks` ticks. */
  heal(ticks: number): Reached {
    this.#cutOff = [];
    this.#loss = 0;
    let proposed = -1;
    for (let tick = 0; tick < ticks; tick++) {
      for (const server of this.#cluster.servers) this.#input(server, () => server.raft.tick());
      this.#workAll();
      const { leader } = this.#cluster;
      if (leader && proposed < 0) {
        const result = leader.raft.propose([bytes('healed')]);
        if (result.ok) proposed = result.firstIndex;
        this.#workAll();
      }
      if (proposed >= 0 && this.#cluster.servers.every(({ status }) => status.applied >= proposed)) {
        return this.#reached();
      }
      // The proposal may have gone down with its leader.
      if (tick % 20 === 19) proposed = -1;
    }
    throw new Error(`no progress within ${ticks} ticks after healing`);
  }

  #reached(): Reached {
    const states = this.#cluster.servers.map(({ status }) => status);
    return {
      committed: Math.max(...states.map(({ commit }) => commit)),
      terms: Math.max(...states.map(({ term }) => term)),
      reads: this.#reads,
      crashes: this.#crashes,
    };
  }

  #step(): void {
    const chance = this.#random();
    const server = this.#oneOf(this.#cluster.servers);
    if (chance < 0.1) this.#input(server, () => server.raft.tick());
    else if (chance < 0.6) this.#network();
    else if (chance < 0.74) this.#take(server);
    else if (chance < 0.88) this.#finishWrite(server);
    else if (chance < 0.96) this.#propose(server);
    else if (chance < 0.985) this.#read(server);
    else if (chance < 0.987) this.#input(server, () => server.raft.campaign());
    else if (chance < 0.993) this.#crash(server);
    else if (chance < 0.9965) this.#weather();
  }

  #input(server: Server, act: () => void): void {
    act();
    for (const fact of this.#facts) fact.stepped?.(server, this.#cluster.servers);
    // Most drivers take what is ready at once; some inputs meet before.
    if (this.#random() < 0.7) this.#take(server);
  }

  #network(): void {
    for (let count = this.#oneOf([1, 1, 4, 10]); count > 0; count--) this.#deliverOne();
  }

  #deliverOne(): void {
    const { inFlight } = this.#cluster;
    if (inFlight.length === 0) return;
    // Mostly in order; else any overtakes.
    const at = this.#random() < 0.7 ? 0 : Math.floor(this.#random() * inFlight.length);
    const message = inFlight[at];
    if (!message) return;
    // One that stays is delivered again later.
    if (this.#random() < 0.95) inFlight.splice(at, 1);
    const isCut = this.#cutOff.includes(message.from) || this.#cutOff.includes(message.to);
    if (isCut || this.#random() < this.#loss) return;
    const receiver = this.#cluster.server(message.to);
    this.#input(receiver, () => receiver.raft.step(message));
  }

  #take(server: Server): void {
    if (!server.raft.hasReady() || server.writing.length > 8) return;
    const readsBefore = server.reads.length;
    const { messages } = server.take();
    this.#reads += server.reads.length - readsBefore;
    for (const fact of this.#facts) fact.taken?.(server, this.#cluster.servers);
    this.#send(server, messages);
  }

  #finishWrite(server: Server): void {
    if (server.writing.length === 0) return;
    this.#send(server, server.finishWrite());
    for (const fact of this.#facts) fact.stepped?.(server, this.#cluster.servers);
  }

  #send(server: Server, messages: readonly Message[]): void {
    for (const message of messages) {
      for (const fact of this.#facts) fact.sent?.(server, message);
      this.#cluster.inFlight.push(message);
    }
    this.#cluster.inFlight.splice(0, this.#cluster.inFlight.length - MAX_IN_FLIGHT);
  }

  #propose(server: Server): void {
    const count = this.#oneOf([1, 1, 3]);
    const data = Array.from({ length: count }, () => bytes(`p${this.#proposal++}`));
    this.#input(server, () => server.raft.propose(data));
  }

  #read(server: Server): void {
    const context = ++this.#context;
    for (const fact of this.#facts) fact.readAsked?.(server, context, this.#cluster.servers);
    this.#input(server, () => server.raft.readIndex(context));
  }

  #crash(server: Server): void {
    this.#crashes++;
    server.crash(Math.floor(this.#random() * (server.writing.length + 1)));
    for (const fact of this.#facts) fact.stepped?.(server, this.#cluster.servers);
  }

  /** The network changes its mood. */
  #weather(): void {
    this.#loss = this.#oneOf([0, 0, 0.05, 0.3]);
    const { leader, servers } = this.#cluster;
    const anybody = this.#oneOf(servers).id;
    // What a leader does that nobody hears is worth a look of its own.
    const whole: readonly string[] = [];
    this.#cutOff = this.#oneOf([
      whole,
      whole,
      [anybody],
      [anybody, this.#oneOf(servers).id],
      [leader?.id ?? anybody],
    ]);
  }

  #workAll(): void {
    for (let round = 0; round < 50; round++) {
      for (const server of this.#cluster.servers) {
        while (server.raft.hasReady() && server.writing.length <= 8) this.#take(server);
        while (server.writing.length > 0) this.#finishWrite(server);
      }
      const messages = this.#cluster.pick();
      if (messages.length === 0) return;
      for (const message of messages) {
        const receiver = this.#cluster.server(message.to);
        this.#input(receiver, () => receiver.raft.step(message));
      }
    }
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.#random() * values.length)];
    if (value === undefined) throw new Error('nothing to choose from');
    return value;
  }
}
