import { type Random, seededRandom } from '@decoraft/base';
import { expect, test } from 'vitest';
import type { Message } from '../src/index.js';
import { bytes, Cluster } from './support/cluster.js';
import { changeFrom } from './support/configuration-words.js';
import type { Server } from './support/server.js';

const SEEDS = Number(process.env['DECORAFT_SEEDS'] ?? 60);
const ROUNDS = 400;
const VOTERS = ['a', 'b', 'c', 'd', 'e'];

interface Delayed {
  readonly message: Message;
  readonly dueRound: number;
}

/**
 * Servers whose clocks agree up to a tick, everything else being as bad as it gets: in every round each ticks once,
 * in any order, with messages, crashes, campaigns, transfers and changes of the members between.
 */
class LeaseChaos {
  readonly #random: Random;
  readonly #cluster: Cluster;
  #inFlight: Delayed[] = [];
  #round = 0;
  #context = 0;
  #cutOff: readonly string[] = [];
  /** Reads that were answered without a message, and all that were. */
  atOnce = 0;
  terms = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const options = { readOnlyOption: 'lease', electionTicks: 10, random: this.#random } as const;
    this.#cluster = new Cluster(VOTERS.slice(0, this.#below(2) === 0 ? 3 : 5), {
      ...options,
      preVote: this.#below(2) === 0,
    });
  }

  run(): void {
    for (this.#round = 0; this.#round < ROUNDS; this.#round++) {
      if (this.#below(25) === 0) this.#weather();
      const order = this.#cluster.servers.toSorted(() => this.#random() - 0.5);
      for (const server of order) {
        this.#deliver();
        server.raft.tick();
        this.#obstruct(server);
        this.#work(server);
        this.#read(server);
      }
    }
    this.terms = Math.max(...this.#cluster.servers.map(({ status }) => status.term));
  }

  /** What is answered at once must have all that anybody knew to be committed. */
  #read(server: Server): void {
    const least = Math.max(...this.#cluster.servers.map(({ status }) => status.commit));
    const context = ++this.#context;
    if (server.status.role !== 'leader' || !server.raft.readIndex(context, 'lease')) return;
    const ready = server.take();
    for (const message of ready.messages) this.#send(message);
    const answer = ready.readStates.find((read) => read.context === context);
    if (!answer) return;
    this.atOnce++;
    const where = `${server.id} in round ${this.#round} and term ${server.status.term}`;
    if (answer.index < least) throw new Error(`${where} reads at ${answer.index}; ${least} is committed`);
  }

  #obstruct(server: Server): void {
    const { raft } = server;
    const any = this.#cluster.servers[this.#below(this.#cluster.servers.length)] ?? server;
    switch (this.#below(60)) {
      case 0:
        return server.crash(this.#below(server.writing.length + 1));
      case 1:
      case 2:
        return raft.campaign();
      case 3:
        return raft.forgetLeader();
      case 4:
        return void (this.#below(4) === 0 && raft.transferLeadership(any.id));
      case 5:
        return void (
          this.#below(3) === 0 &&
          raft.proposeConfigurationChange(
            changeFrom(`${this.#below(2) === 0 ? 'add-voter' : 'add-learner'} ${any.id}`),
          )
        );
      default:
        return void (this.#below(4) === 0 && raft.propose([bytes('x')]));
    }
  }

  #work(server: Server): void {
    while (server.raft.hasReady()) for (const message of server.take().messages) this.#send(message);
    while (server.writing.length > 0) for (const message of server.finishWrite()) this.#send(message);
    if (server.raft.hasReady()) this.#work(server);
  }

  #send(message: Message): void {
    const delay = this.#below(10) === 0 ? this.#below(30) : this.#below(2);
    this.#inFlight.push({ message, dueRound: this.#round + delay });
  }

  #deliver(): void {
    const due = this.#inFlight.filter(({ dueRound }) => dueRound <= this.#round);
    this.#inFlight = this.#inFlight.filter(({ dueRound }) => dueRound > this.#round);
    for (const { message } of due) {
      if (this.#cutOff.includes(message.from) !== this.#cutOff.includes(message.to)) continue;
      if (this.#below(30) === 0) continue;
      const receiver = this.#cluster.server(message.to);
      receiver.raft.step(message);
      this.#work(receiver);
    }
  }

  /** The network is whole, or falls into two parts that still work within. */
  #weather(): void {
    const isWhole = this.#below(2) === 0;
    this.#cutOff = isWhole
      ? []
      : this.#cluster.servers.map(({ id }) => id).filter(() => this.#below(2) === 0);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

test('no read within a lease misses what is committed, as long as the clocks agree', () => {
  let atOnce = 0;
  let terms = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const chaos = new LeaseChaos(seed);
    try {
      chaos.run();
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
    atOnce += chaos.atOnce;
    terms += chaos.terms;
  }
  // A run in which nothing happens proves nothing.
  expect(atOnce).toBeGreaterThan(20 * SEEDS);
  expect(terms).toBeGreaterThan(5 * SEEDS);
});
