import {
  type CallOptions,
  type Cluster,
  DecoraftError,
  type Subscription,
  type Unsubscribe,
} from 'decoraft/client';
import type { CampaignAnswer, Election, Leader, LeaderChange } from './elections.machine.js';
import { ElectionsClient } from './generated/elections.client.js';
import { Hold } from './hold.js';
import { fulfil, isTaken, type WaitOptions } from './patience.js';
import { type Visits, visitsOf } from './visit.js';

/** This client leads. */
export interface Leadership {
  readonly name: string;
  /**
   * Greater than that of every leader before: give it along with all that is done as the leader, and have what is
   * led refuse a smaller one than it has seen.
   */
  readonly term: number;
  /** Aborted when the leadership was lost because the client's session has ended, when this client hears of it. */
  readonly signal: AbortSignal;
  /**
   * Is known by another value from now on.
   *
   * @throws DecoraftError `SessionExpired` when it leads no longer, and as a command does.
   */
  proclaim(value: string): Promise<void>;
  /**
   * Leads no longer: the next candidate does. May be called again; of no effect when the leadership was lost.
   *
   * @returns Whether it has led until then: `false` when the leadership was lost before.
   * @throws DecoraftError `Indeterminate` or `Unavailable` when the cluster has not answered in time: resigning goes on
   *   in the background then.
   */
  resign(): Promise<boolean>;
  /** Resigns at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of a campaign. */
export interface CampaignOptions extends WaitOptions {
  /** What the leader is known by: its address, or whatever others need to find it. Empty by default. */
  readonly value?: string;
}

/**
 * One leader among all candidates of a cluster; the next in the line leads when it resigns or its session ends. Nodes need
 * `machines: { elections: new Elections() }`.
 *
 * @example
 * ```ts
 * const election = new LeaderElection(cluster, 'elections', 'scheduler');
 * await using leadership = await election.campaign({ value: 'worker-7:8080' });
 * await schedule({ term: leadership.term, signal: leadership.signal });
 * ```
 */
export class LeaderElection {
  readonly name: string;
  readonly #elections: ElectionsClient;
  readonly #visits: Visits<Election>;

  /**
   * @param cluster From `connect`.
   * @param machine The name under which `Elections` is registered on the nodes.
   * @param name Of the election: any text. It needs no preparation.
   * @param options For every call made through this object.
   */
  constructor(cluster: Cluster, machine: string, name: string, options?: CallOptions) {
    this.name = name;
    this.#elections = new ElectionsClient(cluster, machine, options);
    this.#visits = visitsOf(cluster, `elections ${machine}`, () => {
      const elections = new ElectionsClient(cluster, machine);
      return {
        attend: () => elections.attend(),
        depart: (visitor) => elections.depart(visitor),
        listen: (visitor, listener) => elections.onElected(visitor, listener),
      };
    });
  }

  /**
   * Waits for its turn, and leads then.
   *
   * @throws DecoraftError `DeadlineExceeded` when `waitMs` was over first; `Overloaded` when 10,000 candidates wait
   *   already; `SessionExpired` when the client's session ended while it waited. Whatever it rejects with, it does not
   *   lead, and is no candidate.
   */
  async campaign({ value = '', ...options }: CampaignOptions = {}): Promise<Leadership> {
    const elections = this.#elections;
    const isPatient = options.waitMs !== 0;
    const { answer, request, visit } = await fulfil<Election, CampaignAnswer>(
      this.#visits,
      {
        what: `election ${this.name}`,
        ask: ({ id: visitor }, number, call) =>
          elections.with(call).campaign(this.name, { visitor, request: number, value, isPatient }),
        takeBack: ({ id }, number) => elections.resign(id, number),
      },
      options,
    );
    if (!('term' in answer)) throw isTaken(`election ${this.name}`);
    const hold = new Hold(this.#visits.cluster, visit, () => elections.resign(visit.id, request));
    return {
      name: this.name,
      term: answer.term,
      signal: hold.signal,
      proclaim: async (next) => {
        if (await elections.proclaim(visit.id, request, next)) return;
        throw new DecoraftError('SessionExpired', `election ${this.name}: term ${answer.term} is over`);
      },
      resign: () => hold.release(),
      [Symbol.asyncDispose]: async () => void (await hold.release()),
    };
  }

  /** Who leads, behind all that was acknowledged to anyone (`linearizable`); `undefined` when nobody does. */
  leader(): Promise<Leader | undefined> {
    return this.#elections.leaderOf(this.name);
  }

  /** How many candidates wait behind the leader, as a query sees it. */
  candidates(): Promise<number> {
    return this.#elections.candidatesOf(this.name);
  }

  /** Tells of every change from now on: a leader, the same one under another value, or none. */
  onLeaderChanged(): Subscription<LeaderChange>;
  onLeaderChanged(listener: (change: LeaderChange) => void): Promise<Unsubscribe>;
  onLeaderChanged(
    listener?: (change: LeaderChange) => void,
  ): Subscription<LeaderChange> | Promise<Unsubscribe> {
    if (listener === undefined) return this.#elections.onLeaderChanged(this.name);
    return this.#elections.onLeaderChanged(this.name, listener);
  }
}
