import { bindingsHere, IS_LEADER, type Logger, messageOf } from '@decoraft/base';
import { DecoraftError, type EventPosition, type MachineId, type OperationId } from '@decoraft/protocol';
import { type EventTap, eventPrefix, eventPrefixOf } from '@decoraft/state-machine';
import { closedError } from './proposals.js';

const OBSERVERS_LIMIT = 10_000;

/** What somebody who listens in this process is told. */
export type Observed<Value> = ObservedEvent<Value> | SkippedEvents;

export interface ObservedEvent<Value> {
  readonly kind: 'event';
  /** The log index of the command, and the event's number within it. */
  readonly position: EventPosition;
  /** A copy of one's own. */
  readonly value: Value;
}

/** A snapshot took the place of entries that this node never applied: the events in them are missing here. */
export interface SkippedEvents {
  readonly kind: 'gap';
  /** The last index that this node has applied itself. */
  readonly after: number;
  /** The last index that it skipped. */
  readonly through: number;
}

type Listener = (observed: Observed<unknown>) => unknown;

interface Observer {
  readonly key: string;
  readonly listener: Listener;
  /** Who listens is told with what was bound where it began to; what led to an event is no concern of it. */
  readonly here: ReturnType<typeof bindingsHere>;
}

/** What is told next, and to whom: those who listened when it was applied. */
type Told =
  | {
      readonly kind: 'event';
      readonly to: readonly Observer[];
      readonly position: EventPosition;
      readonly value: Uint8Array;
    }
  | { readonly kind: 'gap'; readonly to: readonly Observer[]; readonly gap: SkippedEvents };

export interface ObserversOptions {
  /** See `HostPorts.soon`. */
  readonly soon: (callback: () => void) => void;
  readonly logger: Logger;
  readonly decode: (value: Uint8Array) => unknown;
  readonly isLeader: () => boolean;
}

/**
 * Those who listen in this process to what this node applies, on any role. While entries are applied, what concerns
 * them is only noted; they are told in a turn of its own.
 */
export class Observers implements EventTap {
  readonly #options: ObserversOptions;
  readonly #byKey = new Map<string, Set<Observer>>();
  /** How many listen to an event, whatever the parameters. */
  readonly #countByEvent = new Map<string, number>();
  #count = 0;
  #queue: Told[] = [];
  #isDue = false;
  #isClosed = false;

  constructor(options: ObserversOptions) {
    this.#options = options;
  }

  /**
   * @param key Of an event with its parameters: see `subscriptionKey`.
   * @returns Ends it.
   * @throws DecoraftError `Overloaded`; `Unavailable` where nobody is told anything any more.
   */
  observe(key: string, listener: Listener): () => void {
    if (this.#isClosed) throw closedError();
    if (this.#count >= OBSERVERS_LIMIT) {
      throw new DecoraftError('Overloaded', `${OBSERVERS_LIMIT} listen on this node already`);
    }
    const observer: Observer = { key, listener, here: bindingsHere() };
    const observers = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, observers.add(observer));
    this.#counted(key, 1);
    return () => this.#remove(observer);
  }

  isHeard(machine: MachineId, operation: OperationId): boolean {
    return this.#count > 0 && this.#countByEvent.has(eventPrefix(machine, operation));
  }

  take(key: string, position: EventPosition, value: Uint8Array): void {
    const observers = this.#byKey.get(key);
    if (observers) this.#tellSoon({ kind: 'event', to: [...observers], position, value });
  }

  lost(machine: MachineId, operation: OperationId, thrown: unknown): void {
    const { logger } = this.#options;
    const words = 'an event could not be told to those who listen in this process';
    logger.log('error', words, { machine, operation, reason: messageOf(thrown) });
  }

  skipped(after: number, through: number): void {
    const all = [...this.#byKey.values()].flatMap((observers) => [...observers]);
    if (all.length === 0 || through <= after) return;
    this.#tellSoon({ kind: 'gap', to: all, gap: { kind: 'gap', after, through } });
  }

  /** Nobody is told anything from now on. */
  close(): void {
    this.#isClosed = true;
    this.#queue = [];
    this.#byKey.clear();
    this.#countByEvent.clear();
    this.#count = 0;
  }

  #remove(observer: Observer): void {
    const { key } = observer;
    const observers = this.#byKey.get(key);
    if (!observers?.delete(observer)) return;
    if (observers.size === 0) this.#byKey.delete(key);
    this.#counted(key, -1);
  }

  #counted(key: string, change: 1 | -1): void {
    const event = eventPrefixOf(key);
    const count = (this.#countByEvent.get(event) ?? 0) + change;
    if (count > 0) this.#countByEvent.set(event, count);
    else this.#countByEvent.delete(event);
    this.#count += change;
  }

  #tellSoon(told: Told): void {
    this.#queue.push(told);
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    this.#options.soon(() => {
      this.#isDue = false;
      const queue = this.#queue;
      this.#queue = [];
      for (const one of queue) this.#tell(one);
    });
  }

  #tell(told: Told): void {
    for (const observer of told.to) {
      // It may have left since.
      if (!this.#byKey.get(observer.key)?.has(observer)) continue;
      this.#call(observer, () => (told.kind === 'gap' ? told.gap : this.#eventOf(told)));
    }
  }

  #eventOf({ position, value }: Told & { readonly kind: 'event' }): ObservedEvent<unknown> {
    return { kind: 'event', position, value: this.#options.decode(value) };
  }

  #call({ here, listener }: Observer, observed: () => Observed<unknown>): void {
    try {
      const result = here(() => IS_LEADER.run(this.#options.isLeader(), () => listener(observed())));
      if (result instanceof Promise) result.catch((thrown: unknown) => this.#logFailure(thrown));
    } catch (thrown) {
      this.#logFailure(thrown);
    }
  }

  #logFailure(thrown: unknown): void {
    this.#options.logger.log('error', 'a listener failed', { reason: messageOf(thrown), thrown });
  }
}
