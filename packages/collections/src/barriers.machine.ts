import { cmd, DecoraftError, event, qry, StateMachine, sub } from 'decoraft';
import { checkWhole } from './check-number.js';
import { forget, keyOf, knownVisitor, noVisitors, receive, visitorsOf } from './visitors.js';

/** What a party is told about one of its questions. */
export interface BarrierNews {
  /** The number that the visitor gave its question. */
  readonly request: number;
  /** `opened`: all have come; `left`: all have left; `broken`: the session of one of them has ended. */
  readonly kind: 'opened' | 'left' | 'broken';
  readonly generation: number;
}

/** What becomes of the wish to enter or to leave. `unknown-visitor`: the session of that visitor has ended; attend again. */
export type BarrierAnswer =
  | { readonly kind: 'opened' | 'left' | 'broken'; readonly generation: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'unknown-visitor' };

/** Somebody comes to a barrier. */
export interface Arrival {
  readonly visitor: number;
  /** A number that this visitor uses for one question only. */
  readonly request: number;
  /** How many have to come, 1 or more: the same for all of a generation. */
  readonly parties: number;
  /** Whether the party stays, to leave together with the others. */
  readonly isStaying: boolean;
}

/** A barrier, as a query sees it. */
export interface BarrierState {
  /** Of those who wait now. */
  readonly generation: number;
  readonly parties: number;
  /** How many have come and wait for others. */
  readonly waiting: number;
  /** How many of the generations before have entered and not left. */
  readonly inside: number;
}

interface Party {
  readonly visitor: number;
  readonly request: number;
  readonly isStaying: boolean;
}

/** Those for whom the barrier has opened. */
interface Round {
  readonly inside: Map<string, Party>;
  /** They wait until nobody is inside. `request` is that of the leaving. */
  readonly leaving: Party[];
}

interface Gate {
  generation: number;
  parties: number;
  /** In the order in which they came. */
  readonly waiting: Map<string, Party>;
  /** By generation. */
  readonly rounds: Map<number, Round>;
}

/**
 * Any number of barriers, each under a name of its own; a name needs no preparation and leaves nothing behind. Parties
 * wait until so many of them have come, and go on together; as a double barrier, they also wait for each other before they
 * leave. Then the next generation may come.
 *
 * When the session of a party ends while it waits for others or is inside, its generation is broken: the others are told
 * so, and do not wait for ever. A party that only gives up waiting leaves the others waiting for another one.
 *
 * On the nodes: `machines: { barriers: new Barriers() }`. In a client:
 * `new Barrier(cluster, 'barriers', 'start', { parties: 3 })`.
 */
export class Barriers extends StateMachine {
  private readonly visitors = noVisitors();
  private readonly gates = new Map<string, Gate>();
  private lastGeneration = 0;

  /** What became of a question of this visitor. */
  @sub onTold = event<(visitor: number) => BarrierNews>();

  /** Gives the number under which this client may come to barriers as long as its session lasts. */
  @cmd attend(): number {
    return receive(this.visitors, this.context.session);
  }

  /**
   * Comes to a barrier.
   *
   * @throws DecoraftError `InvalidArgument` for a number of parties that is not whole or below 1, or not that of
   *   those who wait already.
   */
  @cmd enter(name: string, arrival: Arrival): BarrierAnswer {
    const { isStaying, parties, request, visitor } = arrival;
    checkWhole('parties', parties, 1);
    const known = knownVisitor(this.visitors, visitor, this.context.session);
    if (!known) return { kind: 'unknown-visitor' };
    const gate = this.gateOf(name, parties);
    const key = keyOf(visitor, request);
    if (gate.parties !== parties) {
      const words = `barrier ${name} waits for ${gate.parties} parties, not for ${parties}`;
      throw new DecoraftError('InvalidArgument', words);
    }
    gate.waiting.set(key, { visitor, request, isStaying });
    known.requests.set(request, name);
    if (gate.waiting.size < parties) return { kind: 'waiting' };
    const { generation } = gate;
    this.open(name, gate, key);
    return { kind: 'opened', generation };
  }

  /**
   * Has done its work inside, and waits until all others have.
   *
   * @param entered The `request` with which it has entered.
   * @param request A number that this visitor uses for this question only.
   */
  @cmd leave(name: string, visitor: number, entered: number, request: number): BarrierAnswer {
    const known = knownVisitor(this.visitors, visitor, this.context.session);
    if (!known) return { kind: 'unknown-visitor' };
    const gate = this.gates.get(name);
    const key = keyOf(visitor, entered);
    for (const [generation, round] of gate?.rounds ?? []) {
      const party = round.inside.get(key);
      if (!party) continue;
      round.inside.delete(key);
      known.requests.delete(entered);
      if (round.inside.size > 0) {
        round.leaving.push({ visitor, request, isStaying: true });
        return { kind: 'waiting' };
      }
      this.finish(name, generation, 'left');
      return { kind: 'left', generation };
    }
    return { kind: 'broken', generation: 0 };
  }

  /** Waits no longer; one that is inside leaves and waits for nobody. @returns Whether it was one of these. */
  @cmd giveUp(visitor: number, request: number): boolean {
    const known = knownVisitor(this.visitors, visitor, this.context.session);
    const name = known?.requests.get(request);
    const gate = name === undefined ? undefined : this.gates.get(name);
    if (!known || name === undefined || !gate) return false;
    known.requests.delete(request);
    const key = keyOf(visitor, request);
    gate.waiting.delete(key);
    for (const [generation, { inside }] of gate.rounds) {
      if (inside.delete(key) && inside.size === 0) this.finish(name, generation, 'left');
    }
    this.tidy(name, gate);
    return true;
  }

  /** Breaks what this visitor takes part in. Its number is unknown from then on. */
  @cmd depart(visitor: number): void {
    if (knownVisitor(this.visitors, visitor, this.context.session)) this.dismiss(visitor);
  }

  /** How a barrier stands; `undefined` when nobody is there. */
  @qry look(name: string): BarrierState | undefined {
    const gate = this.gates.get(name);
    if (!gate) return undefined;
    const { generation, parties, rounds, waiting } = gate;
    const inside = [...rounds.values()].reduce((sum, round) => sum + round.inside.size, 0);
    return { generation, parties, waiting: waiting.size, inside };
  }

  override sessionEnded(session: number): void {
    for (const visitor of visitorsOf(this.visitors, session)) this.dismiss(visitor);
  }

  /** Nobody who waits is in the way of a new number of parties. */
  private gateOf(name: string, parties: number): Gate {
    const known = this.gates.get(name);
    if (known && known.waiting.size > 0) return known;
    const generation = this.nextGeneration();
    if (known) return Object.assign(known, { generation, parties });
    const gate: Gate = { generation, parties, waiting: new Map(), rounds: new Map() };
    this.gates.set(name, gate);
    return gate;
  }

  private nextGeneration(): number {
    this.lastGeneration = Math.max(this.lastGeneration + 1, this.context.index);
    return this.lastGeneration;
  }

  /** All have come: they are told, but for the last one, who is answered. */
  private open(name: string, gate: Gate, last: string): void {
    const { generation } = gate;
    const round: Round = { inside: new Map(), leaving: [] };
    for (const [key, party] of gate.waiting) {
      if (party.isStaying) round.inside.set(key, party);
      else this.visitors.byId.get(party.visitor)?.requests.delete(party.request);
      if (key !== last) this.tell(party, 'opened', generation);
    }
    gate.waiting.clear();
    if (round.inside.size > 0) gate.rounds.set(generation, round);
    this.tidy(name, gate);
  }

  /** Those who wait to leave need not wait any more; those who are inside, if any, are not together any more. */
  private finish(name: string, generation: number, kind: 'left' | 'broken'): void {
    const gate = this.gates.get(name);
    const round = gate?.rounds.get(generation);
    if (!gate || !round) return;
    gate.rounds.delete(generation);
    for (const party of [...round.leaving, ...round.inside.values()]) {
      this.visitors.byId.get(party.visitor)?.requests.delete(party.request);
      this.tell(party, kind, generation);
    }
    this.tidy(name, gate);
  }

  private dismiss(visitor: number): void {
    const requests = this.visitors.byId.get(visitor)?.requests ?? new Map<number, string>();
    forget(this.visitors, visitor);
    for (const [request, name] of requests) {
      const gate = this.gates.get(name);
      if (gate) this.breakFor(name, gate, keyOf(visitor, request));
    }
  }

  private breakFor(name: string, gate: Gate, key: string): void {
    const { generation } = gate;
    if (gate.waiting.delete(key)) {
      for (const party of gate.waiting.values()) {
        this.visitors.byId.get(party.visitor)?.requests.delete(party.request);
        this.tell(party, 'broken', generation);
      }
      gate.waiting.clear();
    }
    for (const [at, { inside }] of gate.rounds) if (inside.delete(key)) this.finish(name, at, 'broken');
    this.tidy(name, gate);
  }

  private tell({ request, visitor }: Party, kind: BarrierNews['kind'], generation: number): void {
    this.onTold(visitor).notify({ request, kind, generation });
  }

  private tidy(name: string, { rounds, waiting }: Gate): void {
    if (waiting.size === 0 && rounds.size === 0) this.gates.delete(name);
  }
}
