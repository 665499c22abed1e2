import { DecoraftError } from 'decoraft';

/**
 * A client that waits for something, or holds it: what it asks for belongs to its session, and ends with that. One
 * session may be several visitors.
 */
export interface Visitor {
  readonly session: number;
  /** What it waits for or holds: the numbers that it gave its questions, and the names that they are about. */
  readonly requests: Map<number, string>;
}

/** All visitors of a machine. Part of its state. */
export interface Visitors {
  /** The number of the visitor who came last; 0 before the first. None is given twice. */
  lastId: number;
  readonly byId: Map<number, Visitor>;
  /** The numbers of those that each session is. */
  readonly bySession: Map<number, Set<number>>;
}

export function noVisitors(): Visitors {
  return { lastId: 0, byId: new Map(), bySession: new Map() };
}

/** Gives the number of a new visitor. */
export function receive(visitors: Visitors, session: number | undefined): number {
  if (session === undefined) throw new DecoraftError('InvalidArgument', 'a visitor needs a session');
  const id = ++visitors.lastId;
  visitors.byId.set(id, { session, requests: new Map() });
  visitors.bySession.set(session, (visitors.bySession.get(session) ?? new Set<number>()).add(id));
  return id;
}

/** The visitor of this number, where it belongs to the session that asks: what ended with another session is unknown. */
export function knownVisitor(
  visitors: Visitors,
  id: number,
  session: number | undefined,
): Visitor | undefined {
  const visitor = visitors.byId.get(id);
  return visitor?.session === session ? visitor : undefined;
}

/** Those that go when a session ends. */
export function visitorsOf({ bySession }: Visitors, session: number): readonly number[] {
  return [...(bySession.get(session) ?? [])];
}

/** The visitor is gone: its number is unknown from now on. */
export function forget({ byId, bySession }: Visitors, id: number): void {
  const session = byId.get(id)?.session;
  byId.delete(id);
  if (session === undefined) return;
  const others = bySession.get(session);
  others?.delete(id);
  if (others?.size === 0) bySession.delete(session);
}

/** What a visitor waits for or holds, among what all visitors do: the number that it gave its question tells it apart. */
export function keyOf(visitor: number, request: number): string {
  return `${visitor}/${request}`;
}
