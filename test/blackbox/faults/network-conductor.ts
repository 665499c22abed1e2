import { setTimeout as pause } from 'node:timers/promises';
import { unreachable } from '@decoraft/base';
import type { FaultyNetwork } from '../network/faulty-network.js';
import type { Happenings } from './happenings.js';
import type { Between, NetworkFault, NetworkMode } from './plan.js';

export interface Parties {
  readonly nodes: readonly string[];
  readonly clients: readonly string[];
  /** Who leads, as far as anybody can tell. */
  leader(): string;
}

interface Pair {
  readonly one: string;
  readonly other: string;
}

/** Lets faults of the network happen, several at once, but one at a time between the same two. */
export class NetworkConductor {
  readonly #network: FaultyNetwork;
  readonly #parties: Parties;
  readonly #happenings: Happenings;
  readonly #busy = new Set<string>();

  constructor(network: FaultyNetwork, parties: Parties, happenings: Happenings) {
    this.#network = network;
    this.#parties = parties;
    this.#happenings = happenings;
  }

  /** From its begin to its end. Whoever has a fault already gets no second one. */
  async perform({ between, end, forMs, mode }: NetworkFault): Promise<void> {
    const pairs = this.#pairsOf(between).filter(({ one, other }) => !this.#busy.has(nameOf(one, other)));
    if (pairs.length === 0) return;
    for (const { one, other } of pairs) {
      this.#busy.add(nameOf(one, other));
      this.#breakOne(one, other, mode);
    }
    const names = pairs.map(({ one, other }) => `${one}–${other}`).join(' ');
    const words = `${describe(mode)} between ${between.kind} (${names})`;
    this.#happenings.note(`${words} for ${forMs} ms`, `${mode.kind} between ${between.kind}`);
    await pause(mode.kind === 'cut' ? 0 : forMs);
    for (const { one, other } of pairs) {
      if (end === 'is lost') this.#network.reset(one, other);
      this.#mendOne(one, other);
      this.#busy.delete(nameOf(one, other));
    }
    if (mode.kind !== 'cut') this.#happenings.note(`over: ${words}; what was held back ${end}`);
  }

  #breakOne(one: string, other: string, mode: NetworkMode): void {
    const [there, back] = [this.#network.wire(one, other), this.#network.wire(other, one)];
    switch (mode.kind) {
      case 'one-way':
        return (mode.isOutgoing ? there : back).set({ kind: 'stall' });
      case 'half-open':
        there.set({ kind: 'stall' });
        return back.set({ kind: 'stall' });
      case 'delay':
      case 'drop':
        there.set(mode);
        return back.set(mode);
      case 'cut':
        return this.#network.reset(one, other);
      case 'refuse':
        return this.#network.refuse(one, other, true);
      default:
        return unreachable(mode);
    }
  }

  #mendOne(one: string, other: string): void {
    this.#network.wire(one, other).set({ kind: 'pass' });
    this.#network.wire(other, one).set({ kind: 'pass' });
    this.#network.refuse(one, other, false);
  }

  #pairsOf(between: Between): readonly Pair[] {
    const { clients, nodes } = this.#parties;
    const leader = this.#parties.leader();
    const fromTo = (one: string, others: readonly string[]): readonly Pair[] =>
      others.filter((other) => other !== one).map((other) => ({ one, other }));
    switch (between.kind) {
      case 'two nodes':
        return pick(
          between.chance,
          nodes.flatMap((one) => fromTo(one, nodes)),
        );
      case 'the leader and the others':
        return fromTo(leader, nodes);
      case 'a follower and the others': {
        const followers = nodes.filter((node) => node !== leader);
        return pick(between.chance, followers).flatMap((follower) => fromTo(follower, nodes));
      }
      case 'a client and a node':
        return pick(
          between.chance,
          clients.flatMap((client) => fromTo(client, nodes)),
        );
      case 'a client and all nodes':
        return pick(between.chance, clients).flatMap((client) => fromTo(client, nodes));
      case 'all clients and the leader':
        return clients.map((one) => ({ one, other: leader }));
      default:
        return unreachable(between);
    }
  }
}

function nameOf(one: string, other: string): string {
  return [one, other].toSorted().join(' ');
}

function pick<Value>(chance: number, values: readonly Value[]): readonly Value[] {
  const place = Math.floor(chance * values.length);
  return values.slice(place, place + 1);
}

function describe(mode: NetworkMode): string {
  switch (mode.kind) {
    case 'one-way':
      return `one-way (${mode.isOutgoing ? 'outgoing' : 'incoming'} stalls)`;
    case 'delay':
      return `delay up to ${Math.round(mode.mostMs)} ms`;
    case 'drop':
      return `drop after ${mode.afterBytes} bytes`;
    case 'half-open':
    case 'cut':
    case 'refuse':
      return mode.kind;
    default:
      return unreachable(mode);
  }
}
