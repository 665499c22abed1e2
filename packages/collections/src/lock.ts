import type { CallOptions, Cluster } from 'decoraft/client';
import { LocksClient } from './generated/locks.client.js';
import { Hold } from './hold.js';
import type { LockAnswer, LockGrant, LockHolder } from './locks.machine.js';
import { fulfil, isTaken, type WaitOptions } from './patience.js';
import { type Visits, visitsOf } from './visit.js';

/** A lock that this client has. */
export interface HeldLock {
  readonly name: string;
  /**
   * The fencing token: greater than that of whoever had a lock of this machine before. Give it along with all that is
   * done under the lock, and have what is protected refuse a smaller one than it has seen.
   */
  readonly token: number;
  /**
   * Aborted when the lock was lost because the client's session has ended; its reason is a `DecoraftError`:
   * `SessionExpired` when the cluster ended it, `Cancelled` when the client was closed. It comes when this client hears
   * of it: one that is cut off, or whose process stood still, hears later than the next holder. Releasing aborts nothing.
   */
  readonly signal: AbortSignal;
  /**
   * Gives the lock to who waits for it. May be called again; of no effect when the lock was lost.
   *
   * @returns Whether it was held until then: `false` when it was lost before.
   * @throws DecoraftError `Indeterminate` or `Unavailable` when the cluster has not answered in time: releasing goes on
   *   in the background then.
   */
  release(): Promise<boolean>;
  /** Releases at the end of the block: `await using held = await lock.acquire()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * One lock among all clients of a cluster, held by one of them at a time and given to those who wait in the order in
 * which they came. Nodes need `machines: { locks: new Locks() }`.
 *
 * It is not re-entrant: a client that acquires what it has waits for itself. It is held by the client's session, not by
 * this object: when the client was not heard of for its `sessionTimeoutMs`, the next in the line has it, with a
 * greater token.
 *
 * @example
 * ```ts
 * const lock = new Lock(cluster, 'locks', 'printer');
 * await using held = await lock.acquire({ waitMs: 5_000 });
 * await printer.print(page, { token: held.token, signal: held.signal });
 * ```
 */
export class Lock {
  readonly name: string;
  readonly #locks: LocksClient;
  readonly #visits: Visits<LockGrant>;

  /**
   * @param cluster From `connect`.
   * @param machine The name under which `Locks` is registered on the nodes.
   * @param name Of the lock: any text. It needs no preparation and leaves nothing behind.
   * @param options For every call made through this object, among them `timeoutMs`: how long one call may take, which
   *   is not how long the lock is waited for.
   */
  constructor(cluster: Cluster, machine: string, name: string, options?: CallOptions) {
    this.name = name;
    this.#locks = new LocksClient(cluster, machine, options);
    this.#visits = visitsOf(cluster, `locks ${machine}`, () => {
      const locks = new LocksClient(cluster, machine);
      return {
        attend: () => locks.attend(),
        depart: (visitor) => locks.depart(visitor),
        listen: (visitor, listener) => locks.onGranted(visitor, listener),
      };
    });
  }

  /**
   * Waits for its turn, and has the lock then.
   *
   * @throws DecoraftError `DeadlineExceeded` when `waitMs` was over first; `Overloaded` when 10,000 wait for it already;
   *   `SessionExpired` when the client's session ended while it waited; `NotFound` when the nodes have no such machine;
   *   with `waitMs: 0` also what a command may end with. Whatever it rejects with, the lock is not held, nor waited for.
   */
  async acquire(options: WaitOptions = {}): Promise<HeldLock> {
    const held = await this.#acquire(options);
    if (held) return held;
    throw isTaken(`lock ${this.name}`);
  }

  /**
   * Has the lock at once, or not at all: `undefined` while somebody has it.
   *
   * @throws DecoraftError as a command does.
   */
  tryAcquire(options: Pick<WaitOptions, 'signal'> = {}): Promise<HeldLock | undefined> {
    return this.#acquire({ ...options, waitMs: 0 });
  }

  /** Who has the lock, behind all that was acknowledged to anyone (`linearizable`); `undefined` when it is free. */
  holder(): Promise<LockHolder | undefined> {
    return this.#locks.holderOf(this.name);
  }

  /** How many wait for the lock, as a query sees it. */
  waiting(): Promise<number> {
    return this.#locks.waitingFor(this.name);
  }

  async #acquire(options: WaitOptions): Promise<HeldLock | undefined> {
    const locks = this.#locks;
    const isPatient = options.waitMs !== 0;
    const { answer, request, visit } = await fulfil<LockGrant, LockAnswer>(
      this.#visits,
      {
        what: `lock ${this.name}`,
        ask: ({ id }, number, call) => locks.with(call).acquire(this.name, id, number, isPatient),
        takeBack: ({ id }, number) => locks.release(id, number),
      },
      options,
    );
    if (!('token' in answer)) return undefined;
    const hold = new Hold(this.#visits.cluster, visit, () => locks.release(visit.id, request));
    return {
      name: this.name,
      token: answer.token,
      signal: hold.signal,
      release: () => hold.release(),
      [Symbol.asyncDispose]: async () => void (await hold.release()),
    };
  }
}
