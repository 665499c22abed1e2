import {
  DecoraftError,
  type OpenSessionProposal,
  type Origin,
  type Outcome,
  type SessionId,
} from '@decoraft/protocol';
import type { AgreedLimits } from './agreed-limits.js';

/** An answer that was given, kept until its client says that it arrived. */
export interface GivenReply {
  readonly index: number;
  readonly term: number;
  readonly outcome: Outcome;
}

/**
 * The timeout of a session that did not come along when its group was restored from a backup: it has ended, and at the
 * next entry the machines are told. No client can ask for it.
 */
export const LOST_MS = 0;

export interface Session {
  readonly id: SessionId;
  /** How long it lives without a sign of its client; {@link LOST_MS} when it does not live any more. */
  readonly timeoutMs: number;
  /** The client has every answer up to and including this sequence number, or wants it no more; 0 before the first. */
  acknowledged: number;
  /**
   * The last sequence number that was applied; 0 before the first. `undefined` in a session that a build before 0.2
   * opened: what it asks is applied in the order of the log.
   */
  lastApplied: number | undefined;
  /** Answers behind `acknowledged`, by sequence number. */
  readonly replies: Map<number, GivenReply>;
  /** Of all that is in `replies`. */
  replyBytes: number;
}

/**
 * Who talks to the group, and what they were told: what makes a retry safe (thesis §6.3). Part of the replicated
 * state: only `apply` changes it.
 */
export class Sessions {
  readonly #limits: AgreedLimits;
  readonly #sessions = new Map<SessionId, Session>();
  /** Those with the timeout {@link LOST_MS}. */
  #lost: readonly SessionId[] = [];

  constructor(limits: AgreedLimits) {
    this.#limits = limits;
  }

  /** @throws DecoraftError `Overloaded` */
  open(id: SessionId, { isOrdered, timeoutMs }: OpenSessionProposal): Session {
    const { sessions: limit } = this.#limits.current;
    if (this.#sessions.size >= limit) {
      throw new DecoraftError('Overloaded', `the group holds ${limit} sessions already`);
    }
    const lastApplied = isOrdered ? 0 : undefined;
    const session: Session = {
      id,
      timeoutMs: Math.max(timeoutMs, LOST_MS + 1),
      acknowledged: 0,
      lastApplied,
      replies: new Map(),
      replyBytes: 0,
    };
    this.#sessions.set(id, session);
    return session;
  }

  /** One that lives: what stayed behind in a backup has ended, though its entry to say so is still to come. */
  get(id: SessionId): Session | undefined {
    const session = this.#sessions.get(id);
    return session?.timeoutMs === LOST_MS ? undefined : session;
  }

  /** Also those that are to be ended at the next entry. */
  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Takes the place of all that is here. */
  restore(sessions: readonly Session[]): void {
    this.#sessions.clear();
    for (const session of sessions) this.#sessions.set(session.id, session);
    this.#lost = sessions.filter(({ timeoutMs }) => timeoutMs === LOST_MS).map(({ id }) => id);
  }

  /** Those that did not come along in a backup, once: they are to be ended. */
  takeLost(): readonly SessionId[] {
    const lost = this.#lost;
    if (lost.length > 0) this.#lost = [];
    return lost;
  }

  remove(id: SessionId): boolean {
    return this.#sessions.delete(id);
  }

  /**
   * Answers once, and in order: the first time, `execute` runs and its answer is kept; after that, the same answer is
   * given. What is thrown was not executed and is not kept: the same question may come again.
   *
   * @throws DecoraftError `SessionExpired` when there is no such session, `Overloaded` when it has too many
   * answers unacknowledged, `Unavailable` when a question before this one is still to come, `InvalidArgument` for a
   * sequence number whose answer was acknowledged.
   */
  once(origin: Origin, execute: () => GivenReply): GivenReply {
    const session = this.get(origin.session);
    if (!session) {
      throw new DecoraftError(
        'SessionExpired',
        `session ${origin.session} has ended: a new one begins when you say so`,
      );
    }
    forgetAcknowledged(session, origin.acknowledged);
    const given = session.replies.get(origin.sequence);
    if (given) return given;
    if (origin.sequence <= session.acknowledged) {
      throw new DecoraftError('InvalidArgument', `the answer to ${origin.sequence} was acknowledged already`);
    }
    this.#refuse(session, origin);
    const reply = execute();
    session.replies.set(origin.sequence, reply);
    session.replyBytes += replyBytes(reply);
    if (session.lastApplied !== undefined) session.lastApplied = origin.sequence;
    return reply;
  }

  #refuse(session: Session, { sequence }: Origin): void {
    const { acknowledged, lastApplied = sequence, replies, replyBytes: bytes } = session;
    if (sequence - 1 > Math.max(lastApplied, acknowledged)) {
      const words = `${sequence} came before ${Math.max(lastApplied, acknowledged) + 1}`;
      throw new DecoraftError('Unavailable', words, { data: { appended: false, outOfOrder: true } });
    }
    const { cachedReplies, cachedReplyBytes } = this.#limits.current;
    if (replies.size < cachedReplies && bytes < cachedReplyBytes) return;
    const words = `${replies.size} answers, of ${bytes} bytes, are unacknowledged`;
    throw new DecoraftError('Overloaded', words, { data: { appended: false } });
  }
}

/** What an answer counts among those that a session leaves unacknowledged. */
export function replyBytes({ outcome }: GivenReply): number {
  return outcome.kind === 'value' ? outcome.value.length : outcome.message.length + outcome.data.length;
}

function forgetAcknowledged(session: Session, acknowledged: number): void {
  if (acknowledged <= session.acknowledged) return;
  session.acknowledged = acknowledged;
  // Replies were added about in order of their numbers: the acknowledged ones stand in front.
  for (const [sequence, reply] of session.replies) {
    if (sequence > acknowledged) break;
    session.replies.delete(sequence);
    session.replyBytes -= replyBytes(reply);
  }
}
