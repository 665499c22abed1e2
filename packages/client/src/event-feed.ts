import { type Logger, messageOf, silentLogger, tell } from '@decoraft/base';
import {
  compareEventPositions,
  BEFORE_ALL_EVENTS,
  DecoraftError,
  type EventRecord,
  type SubscriptionId,
  type SubscriptionPosition,
} from '@decoraft/protocol';
import { decodeValue } from '@decoraft/rpc';
import type { Commands } from './commands.js';
import type { CallOptions } from './call-options.js';
import { EventReader } from './event-reader.js';
import { argumentsOf, type GroupCaller, idsOf, type MachineCall, resultOf, withNames } from './group-call.js';
import { SessionBeats } from './session-beats.js';
import { ClientSubscription, type Feeder } from './subscription.js';

/** Events of subscriptions whose registration is still on its way back; a few turns' worth. */
const EARLY_RECORDS_LIMIT = 65_536;

export interface EventFeedOptions extends GroupCaller {
  readonly commands: Commands;
  readonly logger: Logger;
}

/** Registers a subscription; resolves when the group has agreed. */
export type Register = (call: MachineCall, options: CallOptions) => Promise<void>;

/**
 * The subscriptions of a session, and what arrives for them: registered through the log, read from one stream, and
 * acknowledged with the signs of life.
 */
export class EventFeed implements Feeder {
  readonly #options: EventFeedOptions;
  readonly #reader: EventReader;
  readonly #beats: SessionBeats;
  readonly #subscriptions = new Map<SubscriptionId, ClientSubscription>();
  /** Those that have consumed something since the leader was told. */
  readonly #consumers = new Set<ClientSubscription>();
  /** Registrations under way: until they return, an unknown id may be one of theirs. */
  #registering = 0;
  #early: EventRecord[] = [];
  #closed = false;

  constructor(options: EventFeedOptions) {
    const { commands } = options;
    const onExpired: Commands['sessionEnded'] = (session, error) => commands.sessionEnded(session, error);
    this.#options = options;
    this.#reader = new EventReader({
      ...options,
      isWanted: () => !this.#closed && this.#subscriptions.size > 0,
      positions: () => [...this.#subscriptions.values()].flatMap((one) => placeOf(one, 'received')),
      take: (record) => this.#take(record),
      onLive: (isLive) => this.#becomeLive(isLive),
      onExpired,
    });
    this.#beats = new SessionBeats({
      ...options,
      session: () => commands.session?.id,
      positions: (which) => this.#consumed(which),
      onAnswered: (address) => this.#reader.follow(address),
      onSilent: (address) => this.#reader.suspect(address),
      onExpired,
    });
    commands.onExpired(({ error }) => this.#endAll(error));
  }

  /**
   * Registers through the log. The result is at once at hand; its `ready` says when the group has agreed.
   *
   * @param around Stands around the registration: calls what it is given, or does not.
   */
  subscribe(around: (register: Register) => Promise<unknown>): ClientSubscription {
    const subscription = new ClientSubscription(this);
    around((call, options) => this.#register(subscription, call, options)).catch((thrown: unknown) =>
      subscription.end(DecoraftError.from(thrown)),
    );
    return subscription;
  }

  async unsubscribe(id: SubscriptionId): Promise<void> {
    this.#forget(id);
    if (this.#subscriptions.size === 0) this.#reader.stop();
    if (this.#closed) return;
    const call: MachineCall = { machine: 'subscription', operation: 0, name: String(id), args: [] };
    await this.#options.commands.ask(call, {}, (origin) => ({
      kind: 'unsubscribe',
      origin,
      subscription: id,
    }));
  }

  /** There is room again for events that were left with the cluster: opens the stream behind what has arrived. */
  resume(): void {
    this.#reader.resume();
  }

  /** A subscription has consumed something: the leader hears of it with the next beat, or at once when it is much. */
  consumed(subscription: ClientSubscription, isMuch: boolean): void {
    this.#consumers.add(subscription);
    if (isMuch) void this.acknowledge();
  }

  /** Tells the leader at once how far the events were consumed, and not with the next beat. */
  acknowledge(): Promise<void> {
    return this.#beats.now();
  }

  /** With a logger it is logged; without one it surfaces as any error that nobody catches. */
  report(thrown: unknown): void {
    const { logger } = this.#options;
    if (logger !== silentLogger) {
      return logger.log('error', 'a listener failed', { reason: messageOf(thrown), thrown });
    }
    tell(() => {
      throw thrown;
    });
  }

  /** Keeps the session alive while there is one; called once, when the cluster was connected. */
  start(): void {
    this.#beats.start();
  }

  close(): void {
    this.#closed = true;
    this.#beats.close();
    this.#reader.stop();
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    this.#consumers.clear();
  }

  async #register(subscription: ClientSubscription, call: MachineCall, options: CallOptions): Promise<void> {
    const { commands } = this.#options;
    const args = argumentsOf(this.#options, call);
    this.#registering++;
    try {
      const reply = await commands.ask(
        call,
        options,
        (origin) => ({
          kind: 'subscribe',
          origin,
          ...idsOf(call),
          args: args.bytes,
        }),
        args,
      );
      resultOf(reply);
      const id = reply.index as SubscriptionId;
      // Its session has ended before this was heard of: sessions and subscriptions are numbered by the same log.
      if (!(id > (commands.session?.id ?? Infinity))) throw endedMeanwhile(id);
      this.#subscriptions.set(id, subscription);
      subscription.registered(id);
      if (this.#reader.isLive) subscription.becomeLive(true);
      for (const record of this.#early) if (record.subscription === id) this.#take(record);
    } catch (thrown) {
      throw withNames(thrown, call);
    } finally {
      this.#registering--;
      if (this.#registering === 0) this.#early = [];
    }
    const { session } = commands;
    if (session) this.#reader.read(session.id).catch((thrown: unknown) => this.#endAll(thrown));
  }

  #take(record: EventRecord): void {
    const subscription = this.#subscriptions.get(record.subscription);
    if (!subscription) return this.#keepEarly(record);
    if (record.kind === 'event') {
      const { position, value } = record;
      this.#options.seen.noteIndex(position.index);
      subscription.push({ position, bytes: value.length, value: () => decodeValue(value) });
    } else {
      this.#forget(record.subscription);
      subscription.end(new DecoraftError(record.code, record.message));
    }
  }

  /** Beyond the limit the stream is opened again: the cluster still has what was not taken. */
  #keepEarly(record: EventRecord): void {
    if (this.#registering === 0) return;
    if (this.#early.length < EARLY_RECORDS_LIMIT) this.#early.push(record);
    else this.resume();
  }

  #forget(id: SubscriptionId): void {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    if (subscription) this.#consumers.delete(subscription);
  }

  #consumed(which: 'news' | 'all'): readonly SubscriptionPosition[] {
    const consumers = which === 'all' ? this.#subscriptions.values() : this.#consumers;
    const places = [...consumers].flatMap((one) => placeOf(one, 'consumed'));
    for (const consumer of this.#consumers) consumer.told();
    this.#consumers.clear();
    return places;
  }

  /** Another leader knows only what the log has heard: it is told at once what was consumed. */
  #becomeLive(isLive: boolean): void {
    for (const subscription of this.#subscriptions.values()) subscription.becomeLive(isLive);
    if (isLive) void this.acknowledge();
  }

  #endAll(reason: unknown): void {
    for (const subscription of this.#subscriptions.values()) subscription.end(DecoraftError.from(reason));
    this.#subscriptions.clear();
    this.#consumers.clear();
    this.#reader.stop();
  }
}

function placeOf(subscription: ClientSubscription, which: 'received' | 'consumed'): SubscriptionPosition[] {
  const { id } = subscription;
  const position = subscription[which];
  const isPlace = which === 'received' || compareEventPositions(position, BEFORE_ALL_EVENTS) > 0;
  return id !== undefined && isPlace ? [{ subscription: id, position }] : [];
}

function endedMeanwhile(id: SubscriptionId): DecoraftError {
  return new DecoraftError('SessionExpired', `the session of subscription ${id} has ended`);
}
