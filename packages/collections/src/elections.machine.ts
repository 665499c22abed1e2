import { cmd, event, qry, StateMachine, sub } from 'decoraft';
import {
  admit,
  type Holder,
  holderOf,
  isDeserted,
  isFree,
  join,
  type Line,
  lineOf,
  newTurnstile,
  takeOut,
  takeOutAll,
} from './turnstile.js';
import { knownVisitor, receive, visitorsOf } from './visitors.js';

/** A candidate who waited leads now. */
export interface Election {
  /** The number that the candidate gave its campaign. */
  readonly request: number;
  readonly term: number;
}

/** What becomes of a campaign. `unknown-visitor`: the session of that visitor has ended; attend again. */
export type CampaignAnswer =
  | { readonly kind: 'elected'; readonly term: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unknown-visitor' };

/** Who leads. */
export interface Leader {
  /** Greater than that of every leader before: a fencing token. No two leaders share one. */
  readonly term: number;
  /** What the leader is known by: its address, or whatever others need to find it. */
  readonly value: string;
  /** The session of the client that leads. */
  readonly session: number;
  /** Since when, in milliseconds since 1970, by the time of the log. */
  readonly sinceMs: number;
}

/** `led`: by another leader than before, or by the same under another value. `vacant`: by nobody, until one campaigns. */
export type LeaderChange = { readonly kind: 'led'; readonly leader: Leader } | { readonly kind: 'vacant' };

/** A campaign. */
export interface Campaign {
  readonly visitor: number;
  /** A number that this visitor uses for one campaign only. */
  readonly request: number;
  /** What the candidate wants to be known by as a leader. */
  readonly value: string;
  /** Whether to wait in the line while somebody else leads. */
  readonly isPatient: boolean;
}

/**
 * Any number of elections, each under a name of its own; a name needs no preparation. The first candidate leads; when
 * it resigns, or its session ends, the next one does, in the order in which they came. Every leader has a term, greater
 * than that of every leader before.
 *
 * On the nodes: `machines: { elections: new Elections() }`. In a client:
 * `new LeaderElection(cluster, 'elections', 'scheduler')`.
 */
export class Elections extends StateMachine {
  private readonly turnstile = newTurnstile();

  /** A candidate who waited leads now: told to this visitor only. */
  @sub onElected = event<(visitor: number) => Election>();

  /** Another one leads, under another value, or nobody. */
  @sub onLeaderChanged = event<(name: string) => LeaderChange>();

  /** Gives the number under which this client may campaign, and lead, as long as its session lasts. */
  @cmd attend(): number {
    return receive(this.turnstile.visitors, this.context.session);
  }

  /**
   * Wants to lead.
   *
   * @throws DecoraftError `Overloaded` when 10,000 candidates wait already.
   */
  @cmd campaign(name: string, campaign: Campaign): CampaignAnswer {
    const { context, turnstile } = this;
    const { isPatient, request, value, visitor } = campaign;
    const known = knownVisitor(turnstile.visitors, visitor, context.session);
    if (!known) return { kind: 'unknown-visitor' };
    const line = lineOf(turnstile, name, 1);
    const claim = { visitor, request, permits: 1, value };
    if (!isPatient && !isFree(line, 1)) return { kind: 'busy' };
    join(turnstile, name, line, known, claim);
    if (admit(turnstile, line, context).length > 0) this.tellLeader(name, line);
    const holder = holderOf(line, claim);
    return holder ? { kind: 'elected', term: holder.token } : { kind: 'waiting' };
  }

  /** Leads no longer, or is a candidate no longer. @returns Whether it was one of these. */
  @cmd resign(visitor: number, request: number): boolean {
    if (!knownVisitor(this.turnstile.visitors, visitor, this.context.session)) return false;
    const name = takeOut(this.turnstile, visitor, request);
    if (name === undefined) return false;
    this.passOn(name);
    return true;
  }

  /** The leader is known by another value from now on. @returns Whether it leads. */
  @cmd proclaim(visitor: number, request: number, value: string): boolean {
    const { turnstile } = this;
    const name = knownVisitor(turnstile.visitors, visitor, this.context.session)?.requests.get(request);
    const line = name === undefined ? undefined : turnstile.lines.get(name);
    const [entry] = line?.holders ?? [];
    if (name === undefined || !line || !entry) return false;
    const [key, holder] = entry;
    if (holder.visitor !== visitor || holder.request !== request) return false;
    line.holders.set(key, { ...holder, value });
    this.tellLeader(name, line);
    return true;
  }

  /** Resigns wherever this visitor leads or is a candidate. Its number is unknown from then on. */
  @cmd depart(visitor: number): void {
    if (knownVisitor(this.turnstile.visitors, visitor, this.context.session)) this.dismiss([visitor]);
  }

  /** Who leads; `undefined` when nobody does. */
  @qry({ consistency: 'linearizable' }) leaderOf(name: string): Leader | undefined {
    const holder = this.turnstile.lines.get(name)?.holders.values().next().value;
    return holder && this.leaderFrom(holder);
  }

  /** How many candidates wait behind the leader. */
  @qry candidatesOf(name: string): number {
    return this.turnstile.lines.get(name)?.waiting.size ?? 0;
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
    // A candidate who has left the line changed nothing for those who watch.
    if (line.holders.size === 0) {
      for (const { request, token, visitor } of admit(this.turnstile, line, this.context)) {
        this.onElected(visitor).notify({ request, term: token });
      }
      this.tellLeader(name, line);
    }
    if (isDeserted(line)) this.turnstile.lines.delete(name);
  }

  private tellLeader(name: string, { holders }: Line): void {
    const holder = holders.values().next().value;
    this.onLeaderChanged(name).notify(
      holder ? { kind: 'led', leader: this.leaderFrom(holder) } : { kind: 'vacant' },
    );
  }

  private leaderFrom({ sinceMs, token, value = '', visitor }: Holder): Leader {
    return {
      term: token,
      value,
      session: this.turnstile.visitors.byId.get(visitor)?.session ?? 0,
      sinceMs,
    };
  }
}
