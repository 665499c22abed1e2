import type { CallOptions, Cluster } from 'decoraft/client';
import { SemaphoresClient } from './generated/semaphores.client.js';
import { Hold } from './hold.js';
import { fulfil, isTaken, type WaitOptions } from './patience.js';
import { unwrapped } from './persistence.js';
import type { PermitAnswer, PermitGrant, SemaphoreState } from './semaphores.machine.js';
import { type Visits, visitsOf } from './visit.js';

/** Permits that this client has. */
export interface HeldPermits {
  readonly name: string;
  /** How many. */
  readonly permits: number;
  /** The fencing token: greater than that of every grant of this machine before. */
  readonly token: number;
  /** Aborted when the permits were lost because the client's session has ended, when this client hears of it. */
  readonly signal: AbortSignal;
  /**
   * Gives all of them back. May be called again; of no effect when they were lost.
   *
   * @returns Whether it was held until then: `false` when it was lost before.
   * @throws DecoraftError `Indeterminate` or `Unavailable` when the cluster has not answered in time: releasing goes on
   *   in the background then.
   */
  release(): Promise<boolean>;
  /** Releases at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of a {@link Semaphore}: those of its calls, and what it is. */
export interface SemaphoreOptions extends CallOptions {
  /**
   * How many permits it has, if nobody has asked for it before: a whole number of 1 or more. What it has by then stays;
   * see `setPermits`.
   */
  readonly permits: number;
}

/** How many permits, and how long to wait for them. */
export interface AcquireOptions extends WaitOptions {
  /** How many, all of them together; 1 by default. */
  readonly permits?: number;
}

/**
 * So many permits among all clients of a cluster, given in the order in which they were asked for. Nodes need
 * `machines: { semaphores: new Semaphores() }`. Permits are held by the client's session, and are free again when that
 * ends.
 *
 * @example
 * ```ts
 * const downloads = new Semaphore(cluster, 'semaphores', 'downloads', { permits: 3 });
 * await using permit = await downloads.acquire();
 * ```
 */
export class Semaphore {
  readonly name: string;
  readonly #initialPermits: number;
  readonly #semaphores: SemaphoresClient;
  readonly #visits: Visits<PermitGrant>;

  /**
   * @param cluster From `connect`.
   * @param machine The name under which `Semaphores` is registered on the nodes.
   * @param name Of the semaphore: any text.
   * @param options How many permits it begins with, and options for every call.
   */
  constructor(cluster: Cluster, machine: string, name: string, { permits, ...options }: SemaphoreOptions) {
    this.name = name;
    this.#initialPermits = permits;
    this.#semaphores = new SemaphoresClient(cluster, machine, options);
    this.#visits = visitsOf(cluster, `semaphores ${machine}`, () => {
      const semaphores = new SemaphoresClient(cluster, machine);
      return {
        attend: () => semaphores.attend(),
        depart: (visitor) => semaphores.depart(visitor),
        listen: (visitor, listener) => semaphores.onGranted(visitor, listener),
      };
    });
  }

  /**
   * Waits until there are as many permits, and has them then.
   *
   * @throws DecoraftError `DeadlineExceeded` when `waitMs` was over first; `InvalidArgument` for more permits than there
   *   are at all; `Overloaded` when 10,000 wait for it already; `SessionExpired` when the client's session ended while it
   *   waited. Whatever it rejects with, no permit is held, nor waited for.
   */
  async acquire(options: AcquireOptions = {}): Promise<HeldPermits> {
    const held = await this.#acquire(options);
    if (held) return held;
    throw isTaken(`semaphore ${this.name}`);
  }

  /** Has the permits at once, or none: `undefined` where there are too few, or others wait for them. */
  tryAcquire(options: Omit<AcquireOptions, 'waitMs'> = {}): Promise<HeldPermits | undefined> {
    return this.#acquire({ ...options, waitMs: 0 });
  }

  /**
   * Says how many permits there are from now on. Nobody loses any: where there are fewer than are held, nobody comes in
   * until enough were given back.
   *
   * @param permits A whole number of 0 or more.
   * @throws DecoraftError `InvalidArgument`, and as a command does.
   */
  async setPermits(permits: number): Promise<void> {
    await this.#semaphores.setPermits(this.name, permits).catch((thrown: unknown) => {
      throw unwrapped(thrown);
    });
  }

  /** How the semaphore stands, as a query sees it; `undefined` when nobody has asked for it yet. */
  state(): Promise<SemaphoreState | undefined> {
    return this.#semaphores.look(this.name);
  }

  async #acquire({ permits = 1, ...options }: AcquireOptions): Promise<HeldPermits | undefined> {
    const semaphores = this.#semaphores;
    const isPatient = options.waitMs !== 0;
    const initialPermits = this.#initialPermits;
    const { answer, request, visit } = await fulfil<PermitGrant, PermitAnswer>(
      this.#visits,
      {
        what: `semaphore ${this.name}`,
        ask: ({ id: visitor }, number, call) =>
          semaphores
            .with(call)
            .acquire(this.name, { visitor, request: number, permits, isPatient, initialPermits }),
        takeBack: ({ id }, number) => semaphores.release(id, number),
      },
      options,
    );
    if (!('token' in answer)) return undefined;
    const hold = new Hold(this.#visits.cluster, visit, () => semaphores.release(visit.id, request));
    return {
      name: this.name,
      permits,
      token: answer.token,
      signal: hold.signal,
      release: () => hold.release(),
      [Symbol.asyncDispose]: async () => void (await hold.release()),
    };
  }
}
