import {
  DecoraftError,
  type Proposal,
  type SessionId,
  type SessionPositions,
  type SubscriptionPosition,
} from '@decoraft/protocol';
import type { News, Replica, Subscription } from '@decoraft/state-machine';
import { Acknowledgements } from './acknowledgements.js';
import { EventStream } from './event-stream.js';
import { refusal } from './proposals.js';

/** How many clients are served in one turn: with thousands of them, commands have their turns in between. */
const STREAMS_PER_TURN = 256;

/**
 * The leader's side of event delivery, one stream for each session. What an entry did is only noted while entries are
 * applied; whom it concerns is found, and served, in turns of its own. An event costs the work of those who subscribed
 * to it, and nothing for all others.
 */
export class EventStreams {
  readonly #replica: Replica;
  readonly #soon: (callback: () => void) => void;
  readonly #acknowledgements = new Acknowledgements();
  readonly #streams = new Map<SessionId, EventStream>();
  /** What happened since the last turn. */
  readonly #keys = new Set<string>();
  #endings: News[] = [];
  /** Those that may have something to send, in turn. */
  readonly #due = new Set<EventStream>();
  #isDue = false;
  #leading = false;

  /** @param soon See `HostPorts.soon`. */
  constructor(replica: Replica, soon: (callback: () => void) => void) {
    this.#replica = replica;
    this.#soon = soon;
  }

  /** Ends all streams when leadership is lost: their clients resume at the next leader. */
  setLeading(leading: boolean): void {
    this.#leading = leading;
    if (leading) return;
    const error = notLeading();
    for (const stream of this.#streams.values()) stream.close(error);
    for (const collection of [this.#streams, this.#keys, this.#due]) collection.clear();
    this.#endings = [];
    this.#acknowledgements.clear();
  }

  /** What entries did. */
  announce(news: readonly News[]): void {
    if (!this.#leading || this.#streams.size === 0) return;
    for (const one of news) {
      if (one.kind === 'events') this.#keys.add(one.key);
      else this.#endings.push(one);
    }
    this.#serveSoon();
  }

  /**
   * Everything that the session's subscriptions have behind the given positions, then whatever comes. Takes the place
   * of an earlier stream of the session. The items may be none to say something: then they say that they are served.
   *
   * @throws DecoraftError `NotLeader`; and while it is read, `NotLeader`, `SessionExpired`
   */
  open(request: SessionPositions): EventStream {
    if (!this.#leading) throw notLeading();
    const stream = new EventStream(request, this.#replica.subscriptions, (left) => this.#forget(left));
    this.#streams.get(request.session)?.close();
    this.#streams.set(request.session, stream);
    return stream;
  }

  /**
   * The client of `session` has consumed its subscriptions up to these positions.
   *
   * @returns Whether that is so much that the log should hear of it before the usual time.
   */
  acknowledge(session: SessionId, positions: readonly SubscriptionPosition[]): boolean {
    if (!this.#leading) return false;
    const stream = this.#streams.get(session);
    let isMuch = false;
    let hasRoom = false;
    for (const { position, subscription: id } of positions) {
      const subscription = this.#replica.subscriptions.get(id);
      if (subscription?.session !== session) continue;
      const number = subscription.topic.numberBehind(position);
      if (number <= subscription.seen) continue;
      this.#acknowledgements.note(id, position);
      isMuch ||= isNearLimit(subscription, number, this.#replica);
      hasRoom = stream?.acknowledge(id, number) === true || hasRoom;
    }
    if (stream && hasRoom) {
      this.#due.add(stream);
      this.#serveSoon();
    }
    return isMuch;
  }

  /** What was acknowledged since the last time, as entries for the log. */
  takeAcknowledged(): readonly Proposal[] {
    return this.#acknowledgements.take();
  }

  #forget(stream: EventStream): void {
    this.#due.delete(stream);
    if (this.#streams.get(stream.session) === stream) this.#streams.delete(stream.session);
  }

  #serveSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#soon(() => {
      this.#isDue = false;
      this.#findOut();
      this.#serve();
    });
  }

  /** Finds those whom the news concern. */
  #findOut(): void {
    const { subscriptions } = this.#replica;
    for (const key of this.#keys) {
      for (const subscription of subscriptions.topic(key)?.subscriptions ?? []) {
        const stream = this.#streams.get(subscription.session);
        if (!stream) continue;
        stream.note(subscription);
        this.#due.add(stream);
      }
    }
    this.#keys.clear();
    const endings = this.#endings;
    this.#endings = [];
    for (const ending of endings) this.#end(ending);
  }

  #end(ending: News): void {
    if (ending.kind === 'events') return;
    const stream = this.#streams.get(ending.session);
    if (!stream) return;
    if (ending.kind === 'subscription-over') {
      stream.tellOver(ending.subscription);
      this.#due.add(stream);
    } else {
      this.#forget(stream);
      stream.close(new DecoraftError('SessionExpired', `session ${ending.session} has ended`));
    }
  }

  #serve(): void {
    let left = STREAMS_PER_TURN;
    for (const stream of this.#due) {
      if (left-- === 0) return this.#serveSoon();
      this.#due.delete(stream);
      stream.flush();
    }
  }
}

/** Whether a subscriber would come near its limit if the log heard of this only later. */
function isNearLimit(subscription: Subscription, number: number, { limits }: Replica): boolean {
  const { pendingEventBytes, pendingEvents } = limits.current;
  const { seen, topic } = subscription;
  return (
    (number - seen) * 8 >= pendingEvents ||
    (topic.bytesFrom(seen) - topic.bytesFrom(number)) * 8 >= pendingEventBytes
  );
}

function notLeading(): DecoraftError {
  return refusal('NotLeader', 'this node does not lead: events come from the leader');
}
