import { cmd, event, qry, StateMachine, sub } from 'decoraft';
import {
  admit,
  holderOf,
  isDeserted,
  isFree,
  join,
  lineOf,
  newTurnstile,
  takeOut,
  takeOutAll,
} from './turnstile.js';
import { knownVisitor, receive, visitorsOf } from './visitors.js';

/** Somebody who waited has the lock now. */
export interface LockGrant {
  /** The number that the visitor gave its question. */
  readonly request: number;
  /** The fencing token. */
  readonly token: number;
}

/** What becomes of the wish to have a lock. `unknown-visitor`: the session of that visitor has ended; attend again. */
export type LockAnswer =
  | { readonly kind: 'granted'; readonly token: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unknown-visitor' };

/** Who has a lock. */
export interface LockHolder {
  /** The fencing token. */
  readonly token: number;
  /** The session of the client that has it. */
  readonly session: number;
  /** Since when, in milliseconds since 1970, by the time of the log. */
  readonly sinceMs: number;
}

/**
 * Any number of locks, each under a name of its own; a name needs no preparation and leaves nothing behind. A lock
 * belongs to one client at a time and passes to those who wait in the order in which they came. It is held by the
 * client's session: when that ends, because the client has closed or was not heard of for its `sessionTimeoutMs`, the
 * lock passes on.
 *
 * Every grant has a fencing token, greater than that of every grant before. A client that was paused or cut off does not
 * know yet that it has lost a lock: have what the lock protects refuse work with a smaller token than it has seen.
 *
 * On the nodes: `machines: { locks: new Locks() }`. In a client: `new Lock(cluster, 'locks', 'printer')`. What the
 * generated client has is what `Lock` is made of.
 */
export class Locks extends StateMachine {
  private readonly turnstile = newTurnstile();

  /** Somebody who waited has a lock now: told to this visitor only. */
  @sub onGranted = event<(visitor: number) => LockGrant>();

  /** Gives the number under which this client may wait for locks, and hold them, as long as its session lasts. */
  @cmd attend(): number {
    return receive(this.turnstile.visitors, this.context.session);
  }

  /**
   * Asks for a lock.
   *
   * @param visitor From {@link attend}.
   * @param request A number that this visitor uses for one question only.
   * @param isPatient Whether to wait in the line when somebody has it: {@link onGranted} tells the end of that.
   * @throws DecoraftError `Overloaded` when 10,000 wait for it already.
   */
  @cmd acquire(name: string, visitor: number, request: number, isPatient: boolean): LockAnswer {
    const { context, turnstile } = this;
    const known = knownVisitor(turnstile.visitors, visitor, context.session);
    if (!known) return { kind: 'unknown-visitor' };
    const line = lineOf(turnstile, name, 1);
    const claim = { visitor, request, permits: 1 };
    if (!isPatient && !isFree(line, 1)) return { kind: 'busy' };
    join(turnstile, name, line, known, claim);
    admit(turnstile, line, context);
    const holder = holderOf(line, claim);
    return holder ? { kind: 'granted', token: holder.token } : { kind: 'waiting' };
  }

  /** Gives a lock back, or waits for it no longer. @returns Whether it was held or waited for. */
  @cmd release(visitor: number, request: number): boolean {
    if (!knownVisitor(this.turnstile.visitors, visitor, this.context.session)) return false;
    const name = takeOut(this.turnstile, visitor, request);
    if (name === undefined) return false;
    this.passOn(name);
    return true;
  }

  /** Gives back all that this visitor has, and waits for. Its number is unknown from then on. */
  @cmd depart(visitor: number): void {
    if (knownVisitor(this.turnstile.visitors, visitor, this.context.session)) this.dismiss([visitor]);
  }

  /** Who has the lock; `undefined` when it is free. */
  @qry({ consistency: 'linearizable' }) holderOf(name: string): LockHolder | undefined {
    const holder = this.turnstile.lines.get(name)?.holders.values().next().value;
    if (!holder) return undefined;
    const { sinceMs, token, visitor } = holder;
    return { token, sinceMs, session: this.turnstile.visitors.byId.get(visitor)?.session ?? 0 };
  }

  /** How many wait for the lock. */
  @qry waitingFor(name: string): number {
    return this.turnstile.lines.get(name)?.waiting.size ?? 0;
  }

  override sessionEnded(session: number): void {
    this.dismiss(visitorsOf(this.turnstile.visitors, session));
  }

  private dismiss(visitors: readonly number[]): void {
    for (const name of takeOutAll(this.turnstile, visitors)) this.passOn(name);
  }

  private passOn(name: string): void {
    const line = lineOf(this.turnstile, name, 1);
    for (const { request, token, visitor } of admit(this.turnstile, line, this.context)) {
      this.onGranted(visitor).notify({ request, token });
    }
    if (isDeserted(line)) this.turnstile.lines.delete(name);
  }
}
