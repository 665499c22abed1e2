import { DecoraftError, type Origin, type Outcome, type SessionId } from '@decoraft/protocol';

/** How many answers a session may leave unacknowledged; each costs every replica memory. */
const CACHED_REPLIES_LIMIT = 16_384;
/** How many sessions a group holds. */
const SESSIONS_LIMIT = 10_000;

/** An answer that was given, kept until its client says that it arrived. */
export interface GivenReply {
  readonly index: number;
  readonly term: number;
  readonly outcome: Outcome;
}

export interface Session {
  readonly id: SessionId;
  /** How long it lives without a sign of its client. */
  readonly timeoutMs: number;
  /** The client has every answer up to and including this sequence number; 0 before the first. */
  acknowledged: number;
  /** Answers behind `acknowledged`, by sequence number. */
  readonly replies: Map<number, GivenReply>;
}

/**
 * Who talks to the group, and what they were told: what makes a retry safe (thesis §6.3). Part of the replicated
 * state: only `apply` changes it.
 */
export class Sessions {
  readonly #sessions = new Map<SessionId, Session>();

  /** @throws DecoraftError `Overloaded` */
  open(id: SessionId, timeoutMs: number): Session {
    if (this.#sessions.size >= SESSIONS_LIMIT) {
      throw new DecoraftError('Overloaded', `the group holds ${SESSIONS_LIMIT} sessions already`);
    }
    const session: Session = { id, timeoutMs, acknowledged: 0, replies: new Map() };
    this.#sessions.set(id, session);
    return session;
  }

  get(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Takes the place of all that is here. */
  restore(sessions: readonly Session[]): void {
    this.#sessions.clear();
    for (const session of sessions) this.#sessions.set(session.id, session);
  }

  remove(id: SessionId): boolean {
    return this.#sessions.delete(id);
  }

  /**
   * Answers once: the first time, `execute` runs and its answer is kept; after that, the same answer is given.
   *
   * @throws DecoraftError `SessionExpired` when there is no such session, `Overloaded` when it has too many
   * answers unacknowledged, `InvalidArgument` for a sequence number whose answer was acknowledged.
   */
  once(origin: Origin, execute: () => GivenReply): GivenReply {
    const session = this.#sessions.get(origin.session);
    if (!session) {
      throw new DecoraftError(
        'SessionExpired',
        `session ${origin.session} has ended: reconnect to begin a new one`,
      );
    }
    forgetAcknowledged(session, origin.acknowledged);
    const given = session.replies.get(origin.sequence);
    if (given) return given;
    if (origin.sequence <= session.acknowledged) {
      throw new DecoraftError('InvalidArgument', `the answer to ${origin.sequence} was acknowledged already`);
    }
    if (session.replies.size >= CACHED_REPLIES_LIMIT) {
      throw new DecoraftError('Overloaded', `${CACHED_REPLIES_LIMIT} answers are unacknowledged`);
    }
    const reply = execute();
    session.replies.set(origin.sequence, reply);
    return reply;
  }
}

function forgetAcknowledged(session: Session, acknowledged: number): void {
  if (acknowledged <= session.acknowledged) return;
  session.acknowledged = acknowledged;
  // Replies were added about in order of their numbers: the acknowledged ones stand in front.
  for (const sequence of session.replies.keys()) {
    if (sequence > acknowledged) break;
    session.replies.delete(sequence);
  }
}
