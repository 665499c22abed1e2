import type { Clock } from '@decoraft/base';
import { decodeProposal, type Origin, type SessionId } from '@decoraft/protocol';

/** Sessions that are remembered at most; beyond, the one that has waited longest is forgotten. */
const SESSIONS_LIMIT = 4_096;
/** Whoever has not come again by then went elsewhere, or will not come. */
const PATIENCE_MS = 2_000;

interface Refused {
  readonly sequence: number;
  readonly untilMs: number;
}

/**
 * What a session asks is applied in its order: when one question was refused for want of room, those behind it would be
 * logged in vain, on every replica, at the very time when there is too much to do. So they are refused as well, until
 * that one has come again, or the session says that it never will. Only spares work: that the order is kept is not its
 * doing but that of the replicas.
 */
export class Turns {
  readonly #clock: Clock;
  /** The first question of each session that was refused and has not come again; the oldest refusal first. */
  readonly #refused = new Map<SessionId, Refused>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether everything is in order, so that nothing needs to be asked. */
  get isEmpty(): boolean {
    return this.#refused.size === 0;
  }

  /** Whether it is the turn of this question: none before it waits to come again. */
  isTurnOf({ acknowledged, sequence, session }: Origin): boolean {
    const refused = this.#refused.get(session);
    if (!refused || sequence <= refused.sequence) return true;
    if (acknowledged < refused.sequence && this.#clock.monotonicMs() < refused.untilMs) return false;
    this.#refused.delete(session);
    return true;
  }

  refuse({ sequence, session }: Origin): void {
    const refused = this.#refused.get(session);
    if (refused && refused.sequence < sequence) return;
    this.#refused.delete(session);
    this.#refused.set(session, { sequence, untilMs: this.#clock.monotonicMs() + PATIENCE_MS });
    const [oldest] = this.#refused.keys();
    if (oldest !== undefined && this.#refused.size > SESSIONS_LIMIT) this.#refused.delete(oldest);
  }

  /** It was let in. */
  admit({ sequence, session }: Origin): void {
    if (this.#refused.get(session)?.sequence === sequence) this.#refused.delete(session);
  }
}

/** Who asks, where it is a question of a session. What is no proposal at all is told by who reads it in earnest. */
export function originOf(payload: Uint8Array): Origin | undefined {
  try {
    const proposal = decodeProposal(payload);
    return 'origin' in proposal ? proposal.origin : undefined;
  } catch {
    return undefined;
  }
}
