import { DecoraftError, type Origin, type SessionId } from '@decoraft/protocol';

/**
 * Whose turn it is: what a session asks is applied in its order, so what came before its turn would be logged in vain, on
 * every server. That happens most when some questions of a session were refused because there was too much to do already.
 * The leader, who knows what it has appended, tells before. This only spares work: the order is kept by the replicas.
 */
export class Turns {
  /** The last question of each session that this leader has appended and that is not applied yet. */
  readonly #appended = new Map<SessionId, number>();

  /** Leadership came or went: what was appended may have been lost. */
  forgetAll(): void {
    this.#appended.clear();
  }

  /**
   * Appends a question, if it is its turn.
   *
   * @param lastApplied Of the session.
   * @param append Resolves when it was applied.
   * @throws DecoraftError `Unavailable`, at once, with `data.appended` false, when a question before it is still to come.
   */
  take(origin: Origin, lastApplied: number, append: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const { acknowledged, sequence, session } = origin;
    const last = Math.max(lastApplied, acknowledged, this.#appended.get(session) ?? 0);
    if (sequence > last + 1) {
      const words = `${sequence} came before ${last + 1}`;
      throw new DecoraftError('Unavailable', words, { data: { appended: false, outOfOrder: true } });
    }
    const appending = append();
    if (sequence > last) this.#appended.set(session, sequence);
    return this.#settle(origin, appending);
  }

  async #settle({ sequence, session }: Origin, appending: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const answer = await appending;
      // From now on the replica knows it.
      if (this.#appended.get(session) === sequence) this.#appended.delete(session);
      return answer;
    } catch (thrown) {
      const last = this.#appended.get(session);
      if (last !== undefined && last >= sequence) this.#appended.set(session, sequence - 1);
      throw thrown;
    }
  }
}
