import { type Logger, messageOf, type Timer } from '@decoraft/base';
import {
  decodeEventRecords,
  DecoraftError,
  encodeSessionPositions,
  type EventRecord,
  GROUP_METHOD,
  type SessionId,
  type SubscriptionId,
  type SubscriptionPosition,
} from '@decoraft/protocol';
import { backoff, decodeValue, encodeValue, methodId } from '@decoraft/rpc';
import type { Commands } from './commands.js';
import type { CallOptions } from './call-options.js';
import { type GroupCaller, idsOf, type MachineCall, resultOf } from './group-call.js';
import { leaderHint } from './retry.js';
import { ClientSubscription, type Feeder } from './subscription.js';

const EVENTS = methodId(GROUP_METHOD.events);
const KEEP_ALIVE = methodId(GROUP_METHOD.keepAlive);
/** How often the leader is told how far the events were consumed, and that this client lives. */
const BEAT_MS = 1_000;
const BEAT_TIMEOUT_MS = 3_000;
const BACKOFF = { baseMs: 20, maxMs: 500 } as const;
/** Events of subscriptions whose registration is still on its way back; a few turns' worth. */
const EARLY_RECORDS_LIMIT = 65_536;

export interface EventFeedOptions extends GroupCaller {
  readonly commands: Commands;
  readonly logger: Logger;
}

/**
 * One stream of events for all subscriptions of a session, from whoever leads: opened when the first subscription
 * is registered, resumed behind what has arrived whenever it breaks.
 */
export class EventFeed implements Feeder {
  readonly #options: EventFeedOptions;
  readonly #subscriptions = new Map<SubscriptionId, ClientSubscription>();
  /** Registrations under way: until they return, an unknown id may be one of theirs. */
  #registering = 0;
  #early: EventRecord[] = [];
  #stream: AbortController | undefined;
  /** The session whose events are read. */
  #following: SessionId | undefined;
  #beat: Timer | undefined;
  #closed = false;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    options.commands.onExpired(({ error }) => this.#endAll(error));
  }

  /** Registers through the log. The result is at once at hand; its `ready` says when the group has agreed. */
  subscribe(call: MachineCall, options: CallOptions): ClientSubscription {
    const subscription = new ClientSubscription(this);
    this.#register(subscription, call, options).catch((thrown: unknown) =>
      subscription.end(DecoraftError.from(thrown)),
    );
    return subscription;
  }

  async unsubscribe(id: SubscriptionId): Promise<void> {
    this.#subscriptions.delete(id);
    if (this.#subscriptions.size === 0) this.resume();
    if (this.#closed) return;
    const call: MachineCall = { machine: 'subscription', operation: 0, name: String(id), args: [] };
    await this.#options.commands.ask(call, {}, (origin) => ({
      kind: 'unsubscribe',
      origin,
      subscription: id,
    }));
  }

  /** Opens the stream again, behind what has arrived. */
  resume(): void {
    this.#stream?.abort();
  }

  /** Keeps the session alive while there is one; called once, when the cluster was connected. */
  start(): void {
    this.#beatLater();
  }

  close(): void {
    this.#closed = true;
    this.#beat?.cancel();
    this.resume();
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
  }

  async #register(subscription: ClientSubscription, call: MachineCall, options: CallOptions): Promise<void> {
    const { commands } = this.#options;
    const args = encodeValue(call.args);
    this.#registering++;
    try {
      const reply = await commands.ask(
        call,
        options,
        (origin) => ({
          kind: 'subscribe',
          origin,
          ...idsOf(call),
          args,
        }),
        args.length,
      );
      resultOf(reply);
      const id = reply.index as SubscriptionId;
      // Its session has ended before this was heard of: sessions and subscriptions are numbered by the same log.
      if (!(id > (commands.session?.id ?? Infinity))) throw endedMeanwhile(id);
      this.#subscriptions.set(id, subscription);
      subscription.registered(id);
      for (const record of this.#early) if (record.subscription === id) this.#take(record);
    } finally {
      this.#registering--;
      if (this.#registering === 0) this.#early = [];
    }
    const { session } = commands;
    if (!session || this.#following === session.id) return;
    this.#follow(session.id).catch((thrown: unknown) => this.#endAll(thrown));
  }

  /** Reads the stream until there is nobody left to read for. */
  async #follow(session: SessionId): Promise<void> {
    this.#following = session;
    const isOver = (): boolean =>
      this.#closed || this.#subscriptions.size === 0 || this.#following !== session;
    for (let failures = 0; !isOver();) {
      const stream = new AbortController();
      this.#stream = stream;
      const { signal } = stream;
      try {
        await this.#readStream(session, signal, () => (failures = 0));
      } catch (thrown) {
        const error = DecoraftError.from(thrown);
        if (error.code === 'SessionExpired') return this.#options.commands.sessionEnded(session, error);
        if (!signal.aborted) await this.#pause(failures++, thrown);
      }
    }
    if (this.#following === session) this.#following = undefined;
  }

  async #readStream(session: SessionId, signal: AbortSignal, onItem: () => void): Promise<void> {
    const { nodes, service } = this.#options;
    const { address, channel } = await nodes.toLeader(signal);
    const request = encodeSessionPositions({ session, positions: this.#positions('received') });
    try {
      for await (const item of channel.stream(service, EVENTS, request, { signal })) {
        onItem();
        for (const record of decodeEventRecords(item)) this.#take(record);
      }
      throw new DecoraftError('Unavailable', 'the node ended the event stream');
    } catch (thrown) {
      nodes.doubtLeader(address);
      nodes.noteLeader(leaderHint(thrown));
      throw thrown;
    }
  }

  #take(record: EventRecord): void {
    const subscription = this.#subscriptions.get(record.subscription);
    if (!subscription) return this.#keepEarly(record);
    if (record.kind === 'event') {
      this.#options.seen.note(record.position.index);
      subscription.push(record.position, decodeValue(record.value));
    } else {
      this.#subscriptions.delete(record.subscription);
      subscription.end(new DecoraftError(record.code, record.message));
    }
  }

  /** Beyond the limit the stream is opened again: the cluster still has what was not taken. */
  #keepEarly(record: EventRecord): void {
    if (this.#registering === 0) return;
    if (this.#early.length < EARLY_RECORDS_LIMIT) this.#early.push(record);
    else this.resume();
  }

  #positions(which: 'received' | 'consumed'): readonly SubscriptionPosition[] {
    return [...this.#subscriptions].map(([subscription, state]) => ({
      subscription,
      position: state[which],
    }));
  }

  async #pause(failures: number, thrown: unknown): Promise<void> {
    const { logger, ports } = this.#options;
    logger.log('debug', 'the event stream broke and is resumed', { reason: messageOf(thrown) });
    const hinted = failures === 0 && leaderHint(thrown) !== undefined;
    const delayMs = hinted ? 0 : backoff(failures, BACKOFF, ports.random);
    await new Promise<void>((resolve) => ports.clock.after(delayMs, resolve));
  }

  #endAll(reason: unknown): void {
    for (const subscription of this.#subscriptions.values()) subscription.end(DecoraftError.from(reason));
    this.#subscriptions.clear();
    this.#following = undefined;
    this.resume();
  }

  #beatLater(): void {
    if (this.#closed) return;
    this.#beat = this.#options.ports.clock.after(BEAT_MS, () => {
      this.#sendBeat()
        .catch(() => undefined)
        .finally(() => this.#beatLater());
    });
  }

  /** A beat that did not arrive is followed by the next one; only the end of the session is final. */
  async #sendBeat(): Promise<void> {
    const { commands, nodes, service } = this.#options;
    const { session } = commands;
    if (!session) return;
    const { channel } = await nodes.toLeader();
    const request = encodeSessionPositions({ session: session.id, positions: this.#positions('consumed') });
    try {
      await channel.call(service, KEEP_ALIVE, request, { timeoutMs: BEAT_TIMEOUT_MS });
    } catch (thrown) {
      nodes.noteLeader(leaderHint(thrown));
      const error = DecoraftError.from(thrown);
      if (error.code === 'SessionExpired') commands.sessionEnded(session.id, error);
    }
  }
}

function endedMeanwhile(id: SubscriptionId): DecoraftError {
  return new DecoraftError('SessionExpired', `the session of subscription ${id} has ended`);
}
