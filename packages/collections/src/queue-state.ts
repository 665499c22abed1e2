import type { TimerId } from 'decoraft';
import type { Data } from './data.js';
import { emptyFifo, type Fifo, peek, push, shift } from './fifo.js';

/** How a queue behaves; see `Queues.configure`. */
export interface QueueSettings {
  /** How many items it holds, delivered ones included, before more are refused as `Overloaded`; 100,000 by default. */
  readonly maxItems: number;
  /** An item that was delivered so often and never acknowledged goes to `deadLetters`; 0, the default, for never. */
  readonly maxAttempts: number;
  /** The name of the queue for items that nobody could handle: by default, this one's with `.dead` behind it. */
  readonly deadLetters: string;
  /** For how long a `deduplicationId` is remembered, in milliseconds of the log's time; 300,000 by default. */
  readonly deduplicationMs: number;
  /**
   * What becomes of deliveries whose receiver's session ends: `redeliver`, the default, has others get the items at once;
   * `wait` leaves them to the receiver until their time is over, for receivers that renew their session.
   */
  readonly onSessionEnd: 'redeliver' | 'wait';
}

/** What was put into a queue, until it is acknowledged. */
export interface QueueItem {
  readonly id: number;
  readonly body: Data;
  /** In milliseconds since 1970, by the time of the log. */
  readonly enqueuedAtMs: number;
  /** How often it was delivered. */
  attempts: number;
  /** The queue that gave it up, for an item among dead letters. */
  readonly from?: string;
}

/** An item that somebody works on. */
export interface Outstanding {
  readonly item: number;
  readonly visitor: number;
  /** The number that the visitor gave the question that it answers. */
  readonly request: number;
  timer: TimerId;
}

/** Somebody waits for items. */
export interface Receiver {
  readonly visitor: number;
  readonly request: number;
  readonly max: number;
  readonly visibilityMs: number;
}

/** A `deduplicationId` that is remembered. */
interface Remembered {
  readonly id: string;
  readonly untilMs: number;
}

/** One queue. Plain data. */
export interface QueueState {
  settings: QueueSettings;
  readonly items: Map<number, QueueItem>;
  /** The ids of those that may be delivered. */
  readonly ready: Fifo<number>;
  /** The ids of those that may be delivered later. */
  readonly delayed: Set<number>;
  /** By receipt. */
  readonly outstanding: Map<number, Outstanding>;
  /** In the order in which they came. Nobody waits while an item is ready. */
  readonly receivers: Map<string, Receiver>;
  /** The items by their `deduplicationId`, and these in the order in which they are forgotten. */
  readonly known: Map<string, number>;
  readonly forgotten: Fifo<Remembered>;
}

export function newQueue(name: string): QueueState {
  return {
    settings: {
      maxItems: 100_000,
      maxAttempts: 0,
      deadLetters: `${name}.dead`,
      deduplicationMs: 300_000,
      onSessionEnd: 'redeliver',
    },
    items: new Map(),
    ready: emptyFifo(),
    delayed: new Set(),
    outstanding: new Map(),
    receivers: new Map(),
    known: new Map(),
    forgotten: emptyFifo(),
  };
}

/** Whether a queue is as one that nobody has used: nothing is lost when it is forgotten. */
export function isUnused(name: string, { items, known, receivers, settings }: QueueState): boolean {
  if (items.size > 0 || receivers.size > 0 || known.size > 0) return false;
  const byDefault = newQueue(name).settings;
  return (
    settings.maxItems === byDefault.maxItems &&
    settings.maxAttempts === byDefault.maxAttempts &&
    settings.deadLetters === byDefault.deadLetters &&
    settings.deduplicationMs === byDefault.deduplicationMs &&
    settings.onSessionEnd === byDefault.onSessionEnd
  );
}

/** The item that this id has put in before, while that is remembered. */
export function duplicateOf(queue: QueueState, id: string, nowMs: number): number | undefined {
  for (
    let oldest = peek(queue.forgotten);
    oldest && oldest.untilMs <= nowMs;
    oldest = peek(queue.forgotten)
  ) {
    shift(queue.forgotten);
    queue.known.delete(oldest.id);
  }
  return queue.known.get(id);
}

export function remember(queue: QueueState, id: string, item: number, nowMs: number): void {
  queue.known.set(id, item);
  push(queue.forgotten, { id, untilMs: nowMs + queue.settings.deduplicationMs });
}
