import { type CallOptions, type Cluster, DecoraftError } from 'decoraft/client';
import type { BarrierAnswer, BarrierNews, BarrierState } from './barriers.machine.js';
import { BrokenBarrier } from './errors.js';
import { BarriersClient } from './generated/barriers.client.js';
import { fulfil, type Fulfilled, type WaitOptions } from './patience.js';
import { type Visit, type Visits, visitsOf } from './visit.js';

/** A party that is inside of a double barrier. */
export interface Inside {
  /** Greater than that of every generation before; the same for all who are inside together. */
  readonly generation: number;
  /** Aborted when they are not together any more: with `BrokenBarrier` for another's session, or what ended one's own. */
  readonly signal: AbortSignal;
  /**
   * Waits until all have left. What it waits for no longer, because of `waitMs` or `signal`, others see as having left.
   *
   * @throws BrokenBarrier when the session of another party ended before that party left. DecoraftError
   *   `DeadlineExceeded` when `waitMs` was over first; `SessionExpired` when one's own session has ended.
   */
  leave(options?: WaitOptions): Promise<void>;
}

/** Options of a {@link Barrier}: those of its calls, and what it is. */
export interface BarrierOptions extends CallOptions {
  /** How many have to come: a whole number of 1 or more, the same for all. */
  readonly parties: number;
}

type Entered = { readonly visit: Visit<BarrierNews> } & Fulfilled<BarrierNews, BarrierAnswer>;

/**
 * A place where parties wait for each other, again and again. Nodes need `machines: { barriers: new Barriers() }`. A
 * party is a call, not a client: one client may be several.
 *
 * @example
 * ```ts
 * const start = new Barrier(cluster, 'barriers', 'start', { parties: 3 });
 * await start.wait({ waitMs: 60_000 });
 *
 * const together = await start.enter();       // as a double barrier
 * await compute({ signal: together.signal });
 * await together.leave();
 * ```
 */
export class Barrier {
  readonly name: string;
  readonly #parties: number;
  readonly #barriers: BarriersClient;
  readonly #visits: Visits<BarrierNews>;

  /**
   * @param cluster From `connect`.
   * @param machine The name under which `Barriers` is registered on the nodes.
   * @param name Of the barrier: any text. It needs no preparation and leaves nothing behind.
   * @param options How many parties there are, and options for every call.
   */
  constructor(cluster: Cluster, machine: string, name: string, { parties, ...options }: BarrierOptions) {
    this.name = name;
    this.#parties = parties;
    this.#barriers = new BarriersClient(cluster, machine, options);
    this.#visits = visitsOf(cluster, `barriers ${machine}`, () => {
      const barriers = new BarriersClient(cluster, machine);
      return {
        attend: () => barriers.attend(),
        depart: (visitor) => barriers.depart(visitor),
        listen: (visitor, listener) => barriers.onTold(visitor, listener),
      };
    });
  }

  /**
   * Waits until all parties have come.
   *
   * @returns The generation: greater than every one before, and the same for all who waited together.
   * @throws BrokenBarrier when the session of a party ended while it waited. DecoraftError `DeadlineExceeded` when
   *   `waitMs` was over first: others wait on for another party; `InvalidArgument` when others wait for another number of
   *   parties; `SessionExpired` when one's own session ended.
   */
  async wait(options: WaitOptions = {}): Promise<number> {
    const { answer } = await this.#enter(options, false);
    return this.#generationOf(answer);
  }

  /**
   * Waits until all parties have come, and is inside then, to {@link Inside.leave} together with them.
   *
   * @throws As {@link wait} does.
   */
  async enter(options: WaitOptions = {}): Promise<Inside> {
    const lost = new AbortController();
    const onFurther = ({ generation, kind }: BarrierNews): void => {
      if (kind === 'broken') lost.abort(new BrokenBarrier(this.name, generation));
    };
    const { answer, request, stop, visit } = await this.#enter(options, true, onFurther);
    const generation = this.#generationOf(answer);
    const forgetEnd = visit.onEnd((reason) => lost.abort(reason));
    const leave = async (waiting: WaitOptions = {}): Promise<void> => {
      lost.signal.throwIfAborted();
      await this.#leave(visit, request, generation, waiting);
      stop();
      forgetEnd();
    };
    return { generation, signal: lost.signal, leave };
  }

  /** How the barrier stands, as a query sees it; `undefined` when nobody is there. */
  state(): Promise<BarrierState | undefined> {
    return this.#barriers.look(this.name);
  }

  #enter(
    options: WaitOptions,
    isStaying: boolean,
    onFurther?: (news: BarrierNews) => void,
  ): Promise<Entered> {
    const barriers = this.#barriers;
    const parties = this.#parties;
    return fulfil<BarrierNews, BarrierAnswer>(
      this.#visits,
      {
        what: `barrier ${this.name}`,
        ask: ({ id: visitor }, request, call) =>
          barriers.with(call).enter(this.name, { visitor, request, parties, isStaying }),
        takeBack: ({ id }, request) => barriers.giveUp(id, request),
        ...(onFurther && { onFurther }),
      },
      options,
    );
  }

  async #leave(
    entered: Visit<BarrierNews>,
    request: number,
    generation: number,
    options: WaitOptions,
  ): Promise<void> {
    const barriers = this.#barriers;
    const { answer } = await fulfil<BarrierNews, BarrierAnswer>(
      this.#visits,
      {
        what: `barrier ${this.name}`,
        ask: (visit, number, call) => {
          // Another visit is another session: with the one that has entered, all of it has ended.
          if (visit !== entered) throw entered.reason ?? new DecoraftError('SessionExpired', 'it has ended');
          return barriers.with(call).leave(this.name, visit.id, request, number);
        },
        // It has left; whether it waits for the others makes no difference to them.
        takeBack: () => Promise.resolve(),
      },
      options,
    );
    if (answer.kind === 'broken') throw new BrokenBarrier(this.name, generation);
  }

  #generationOf(answer: BarrierAnswer | BarrierNews): number {
    if (answer.kind === 'opened' || answer.kind === 'left') return answer.generation;
    const generation = 'generation' in answer ? answer.generation : 0;
    throw new BrokenBarrier(this.name, generation);
  }
}
