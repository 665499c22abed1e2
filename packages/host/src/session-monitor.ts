import type { SessionId } from '@decoraft/protocol';

/** What the monitor needs to know of a session. */
export interface MonitoredSession {
  readonly id: SessionId;
  readonly timeoutMs: number;
}

/**
 * When the leader last heard of each session. Kept beside the replicated state, because a beat is no reason for a
 * log entry; only the end of a session is. A new leader has heard of nobody yet and gives everyone a full period.
 */
export class SessionMonitor {
  readonly #lastSeenMs = new Map<SessionId, number>();

  touch(session: SessionId, nowMs: number): void {
    this.#lastSeenMs.set(session, nowMs);
  }

  forgetAll(): void {
    this.#lastSeenMs.clear();
  }

  /** The sessions that were silent for their whole timeout. Those never heard of begin their period now. */
  expired(sessions: Iterable<MonitoredSession>, nowMs: number): readonly SessionId[] {
    const expired: SessionId[] = [];
    const alive = new Set<SessionId>();
    for (const { id, timeoutMs } of sessions) {
      alive.add(id);
      const seenMs = this.#lastSeenMs.get(id);
      if (seenMs === undefined) this.touch(id, nowMs);
      else if (nowMs - seenMs > timeoutMs) expired.push(id);
    }
    for (const id of this.#lastSeenMs.keys()) if (!alive.has(id)) this.#lastSeenMs.delete(id);
    return expired;
  }
}
