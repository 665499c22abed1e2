import { createDeferred, type Deferred, plainMessage } from '@decoraft/base';
import {
  BEFORE_ALL_EVENTS,
  compareEventPositions,
  DecoraftError,
  encodeEventRecords,
  type EventPosition,
  type EventRecord,
  type SessionId,
  type SessionPositions,
  type SubscriptionId,
} from '@decoraft/protocol';
import { countUpTo, type Replica } from '@decoraft/state-machine';
import { refusal } from './proposals.js';

/** How much one item of a stream carries at most: enough to share a write, little enough to share a connection. */
const RECORDS_PER_ITEM = 512;

type Cursors = Map<SubscriptionId, EventPosition>;

/**
 * The leader's side of event delivery. A stream holds only cursors into what the replica keeps: a slow subscriber
 * costs the leader nothing beyond that, and never touches the apply path.
 */
export class EventStreams {
  readonly #replica: Replica;
  /** Streams that wait for something new, by session. */
  readonly #asleep = new Map<SessionId, Set<Deferred<void>>>();
  #leading = false;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** Ends all streams when leadership is lost: their clients resume at the next leader. */
  setLeading(leading: boolean): void {
    this.#leading = leading;
    if (!leading) this.wake(this.#asleep.keys());
  }

  wake(sessions: Iterable<SessionId>): void {
    for (const session of sessions) {
      for (const { resolve } of this.#asleep.get(session) ?? []) resolve();
    }
  }

  /**
   * Everything that the session's subscriptions have behind the given positions, then whatever comes.
   *
   * @throws DecoraftError `NotLeader`, `SessionExpired`
   */
  async *open({ session, positions }: SessionPositions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const cursors: Cursors = new Map(positions.map(({ subscription, position }) => [subscription, position]));
    while (!signal.aborted) {
      this.#checkServing(session);
      const records = [...this.#endedOf(cursors), ...this.#collect(session, cursors)];
      if (records.length > 0) yield encodeEventRecords(records);
      else await this.#sleep(session, signal);
    }
  }

  #checkServing(session: SessionId): void {
    if (!this.#leading) throw refusal('NotLeader', 'this node does not lead: events come from the leader');
    if (!this.#replica.sessions.get(session)) {
      throw new DecoraftError('SessionExpired', `session ${session} has ended`);
    }
  }

  /** Tells once of each subscription that the client holds and the group does not. */
  #endedOf(cursors: Cursors): readonly EventRecord[] {
    const records: EventRecord[] = [];
    for (const subscription of cursors.keys()) {
      if (this.#replica.subscriptions.get(subscription)) continue;
      cursors.delete(subscription);
      const error =
        this.#replica.subscriptions.ended(subscription)?.error ??
        new DecoraftError('NotFound', `there is no subscription ${subscription}`);
      records.push({ kind: 'ended', subscription, code: error.code, message: plainMessage(error) });
    }
    return records;
  }

  /** What is new behind the cursors, in the order of the log; moves the cursors on. */
  #collect(session: SessionId, cursors: Cursors): readonly EventRecord[] {
    const records: (EventRecord & { readonly kind: 'event' })[] = [];
    for (const { id, pending } of this.#replica.subscriptions.ofSession(session)) {
      const cursor = cursors.get(id) ?? BEFORE_ALL_EVENTS;
      const start = countUpTo(pending, cursor);
      const fresh = pending.slice(start, start + RECORDS_PER_ITEM);
      for (const event of fresh) records.push({ kind: 'event', subscription: id, ...event });
      cursors.set(id, fresh.at(-1)?.position ?? cursor);
    }
    return records.toSorted((left, right) => compareEventPositions(left.position, right.position));
  }

  async #sleep(session: SessionId, signal: AbortSignal): Promise<void> {
    const awake = createDeferred<void>();
    const wake = (): void => awake.resolve();
    const sleepers = this.#asleep.get(session) ?? new Set();
    this.#asleep.set(session, sleepers.add(awake));
    signal.addEventListener('abort', wake, { once: true });
    await awake.promise;
    signal.removeEventListener('abort', wake);
    sleepers.delete(awake);
    if (sleepers.size === 0) this.#asleep.delete(session);
  }
}
