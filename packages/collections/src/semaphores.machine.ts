import { cmd, DecoraftError, event, qry, StateMachine, sub } from 'decoraft';
import { checkWhole } from './check-number.js';
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

/** Somebody who waited has permits now. */
export interface PermitGrant {
  /** The number that the visitor gave its question. */
  readonly request: number;
  /** The fencing token. */
  readonly token: number;
}

/** What becomes of the wish to have permits. `unknown-visitor`: the session of that visitor has ended; attend again. */
export type PermitAnswer =
  | { readonly kind: 'granted'; readonly token: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unknown-visitor' };

/** What is asked of a semaphore. */
export interface PermitRequest {
  readonly visitor: number;
  /** A number that this visitor uses for one question only. */
  readonly request: number;
  /** How many permits are wanted together, 1 or more. */
  readonly permits: number;
  /** Whether to wait in the line when there are too few. */
  readonly isPatient: boolean;
  /** How many permits the semaphore has, if nobody has asked for it before. */
  readonly initialPermits: number;
}

/** A semaphore, as a query sees it. */
export interface SemaphoreState {
  /** How many there are. */
  readonly permits: number;
  /** How many of them are held. More than there are only where these were lowered meanwhile. */
  readonly used: number;
  /** How many clients wait. */
  readonly waiting: number;
}

/**
 * Any number of semaphores, each under a name of its own and with so many permits. Permits are given in the order in which
 * they were asked for: who asks for many keeps those behind it waiting, so that nobody waits for ever. They are held by the
 * client's session, and free again when that ends.
 *
 * On the nodes: `machines: { semaphores: new Semaphores() }`. In a client:
 * `new Semaphore(cluster, 'semaphores', 'downloads', { permits: 3 })`.
 */
export class Semaphores extends StateMachine {
  private readonly turnstile = newTurnstile();

  /** Somebody who waited has permits now: told to this visitor only. */
  @sub onGranted = event<(visitor: number) => PermitGrant>();

  /** Gives the number under which this client may wait for permits, and hold them, as long as its session lasts. */
  @cmd attend(): number {
    return receive(this.turnstile.visitors, this.context.session);
  }

  /**
   * Asks for permits.
   *
   * @throws DecoraftError `InvalidArgument` for numbers that are not whole or below 1, and for more permits than the
   *   semaphore has; `Overloaded` when 10,000 wait for it already.
   */
  @cmd acquire(name: string, wish: PermitRequest): PermitAnswer {
    const { context, turnstile } = this;
    const { initialPermits, isPatient, permits, request, visitor } = wish;
    checkWhole('permits', permits, 1);
    checkWhole('initialPermits', initialPermits, 1);
    const known = knownVisitor(turnstile.visitors, visitor, context.session);
    if (!known) return { kind: 'unknown-visitor' };
    const line = lineOf(turnstile, name, initialPermits);
    if (permits > line.permits) {
      const words = `semaphore ${name} has ${line.permits} permits, never ${permits}`;
      throw new DecoraftError('InvalidArgument', words);
    }
    if (!isPatient && !isFree(line, permits)) return { kind: 'busy' };
    const claim = { visitor, request, permits };
    join(turnstile, name, line, known, claim);
    admit(turnstile, line, context);
    const holder = holderOf(line, claim);
    return holder ? { kind: 'granted', token: holder.token } : { kind: 'waiting' };
  }

  /** Gives permits back, or waits for them no longer. @returns Whether they were held or waited for. */
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

  /**
   * Says how many permits there are from now on. Nobody loses any: where there are fewer than are held, nobody comes in
   * until enough were given back; who waits for more than there are waits until there are as many again.
   *
   * @param permits A whole number of 0 or more; with 0, nobody comes in.
   * @throws DecoraftError `InvalidArgument`
   */
  @cmd setPermits(name: string, permits: number): void {
    checkWhole('permits', permits);
    const line = lineOf(this.turnstile, name, permits);
    line.permits = permits;
    this.turnstile.lines.set(name, line);
    this.passOn(name);
  }

  /** Forgets a semaphore, and how many permits it has. @returns `false` where somebody holds or waits for its permits. */
  @cmd remove(name: string): boolean {
    const line = this.turnstile.lines.get(name);
    if (line && !isDeserted(line)) return false;
    this.turnstile.lines.delete(name);
    return true;
  }

  /** How a semaphore stands; `undefined` when nobody has asked for it yet. */
  @qry look(name: string): SemaphoreState | undefined {
    const line = this.turnstile.lines.get(name);
    return line && { permits: line.permits, used: line.used, waiting: line.waiting.size };
  }

  override sessionEnded(session: number): void {
    this.dismiss(visitorsOf(this.turnstile.visitors, session));
  }

  private dismiss(visitors: readonly number[]): void {
    for (const name of takeOutAll(this.turnstile, visitors)) this.passOn(name);
  }

  private passOn(name: string): void {
    const line = this.turnstile.lines.get(name);
    if (!line) return;
    for (const { request, token, visitor } of admit(this.turnstile, line, this.context)) {
      this.onGranted(visitor).notify({ request, token });
    }
  }
}
