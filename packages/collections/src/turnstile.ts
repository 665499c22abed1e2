import { DecoraftError } from 'decoraft';
import { forget, keyOf, noVisitors, type Visitor, type Visitors } from './visitors.js';

/** So many may wait for one name. */
const MAX_WAITING = 10_000;

/** A visitor wants in. */
export interface Claim {
  readonly visitor: number;
  /** The number that the visitor gave its question. */
  readonly request: number;
  /** How many permits it takes, 1 or more. */
  readonly permits: number;
  /** What it wants to be known by. */
  readonly value?: string;
}

/** A claim that was granted. */
export interface Holder extends Claim {
  /** Greater than that of every grant before, of any name: what is protected refuses smaller ones than it has seen. */
  readonly token: number;
  /** Of the log, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** Those who are in, and those who wait, first come, first served. */
export interface Line {
  permits: number;
  /** The permits of all holders together. More than `permits` only where these were lowered meanwhile. */
  used: number;
  readonly holders: Map<string, Holder>;
  /** In the order in which they came. */
  readonly waiting: Map<string, Claim>;
}

/** What locks, semaphores and elections have in common: names, each with so many permits and a line. Plain data. */
export interface Turnstile {
  /** The token that was given last; 0 before the first. */
  lastToken: number;
  readonly visitors: Visitors;
  readonly lines: Map<string, Line>;
}

/** When something happens: the entry of the log. */
export interface Instant {
  readonly index: number;
  readonly time: number;
}

export function newTurnstile(): Turnstile {
  return { lastToken: 0, visitors: noVisitors(), lines: new Map() };
}

/** The line of a name, or one for a new name, which is no part of the state until somebody joins it. */
export function lineOf({ lines }: Turnstile, name: string, permits: number): Line {
  return lines.get(name) ?? { permits, used: 0, holders: new Map(), waiting: new Map() };
}

/** The claim, if it was granted. */
export function holderOf(
  line: Line,
  { request, visitor }: Pick<Claim, 'request' | 'visitor'>,
): Holder | undefined {
  return line.holders.get(keyOf(visitor, request));
}

/** Whether nobody has to wait for so many permits. */
export function isFree(line: Line, permits: number): boolean {
  return line.waiting.size === 0 && line.used + permits <= line.permits;
}

/**
 * Puts a claim at the end of the line of that name. Where it is refused, a new name leaves nothing behind.
 *
 * @throws DecoraftError `Overloaded` where too many wait; `InvalidArgument` where the number is that of another one.
 */
export function join({ lines }: Turnstile, name: string, line: Line, visitor: Visitor, claim: Claim): void {
  if (visitor.requests.has(claim.request)) {
    throw new DecoraftError('InvalidArgument', `request ${claim.request} was made before`);
  }
  if (line.waiting.size >= MAX_WAITING) {
    throw new DecoraftError('Overloaded', `${MAX_WAITING} wait for ${name} already`);
  }
  lines.set(name, line);
  line.waiting.set(keyOf(claim.visitor, claim.request), claim);
  visitor.requests.set(claim.request, name);
}

/**
 * Lets in who can come in, from the front of the line; one that asks for more than there is keeps those behind it
 * waiting, so that nobody is passed over for ever.
 *
 * @returns Who was let in.
 */
export function admit(turnstile: Turnstile, line: Line, { index, time }: Instant): readonly Holder[] {
  const admitted: Holder[] = [];
  for (const [key, claim] of line.waiting) {
    if (line.used + claim.permits > line.permits) break;
    // Several may come in at one entry: its index alone is no token.
    turnstile.lastToken = Math.max(turnstile.lastToken + 1, index);
    const holder: Holder = { ...claim, token: turnstile.lastToken, sinceMs: time };
    line.waiting.delete(key);
    line.holders.set(key, holder);
    line.used += claim.permits;
    admitted.push(holder);
  }
  return admitted;
}

/** Takes a claim out, whether it waits or was granted. @returns The name that it was about; `undefined` for none. */
export function takeOut(turnstile: Turnstile, visitor: number, request: number): string | undefined {
  const requests = turnstile.visitors.byId.get(visitor)?.requests;
  const name = requests?.get(request);
  const line = name === undefined ? undefined : turnstile.lines.get(name);
  if (!requests || name === undefined || !line) return undefined;
  requests.delete(request);
  const key = keyOf(visitor, request);
  line.waiting.delete(key);
  line.used -= line.holders.get(key)?.permits ?? 0;
  line.holders.delete(key);
  return name;
}

/** Takes out all that these visitors wait for and hold, and forgets them. @returns The names that it was about. */
export function takeOutAll(turnstile: Turnstile, visitors: readonly number[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const id of visitors) {
    for (const request of turnstile.visitors.byId.get(id)?.requests.keys() ?? []) {
      const name = takeOut(turnstile, id, request);
      if (name !== undefined) names.add(name);
    }
    forget(turnstile.visitors, id);
  }
  return names;
}

/** Whether nobody is in the line or behind it. */
export function isDeserted({ holders, waiting }: Line): boolean {
  return holders.size === 0 && waiting.size === 0;
}
