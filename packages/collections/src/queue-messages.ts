import type { Data } from './data.js';

/** What is put into a queue. */
export interface Enqueue {
  readonly body: Data;
  /** For how many milliseconds nobody sees it; 0 for none. */
  readonly delayMs: number;
  /** Whoever puts in another item with the same one, while it is remembered, puts in nothing. */
  readonly deduplicationId?: string;
}

/** What became of it. */
export interface Enqueued {
  /** Of the item: of the one that was there before, where it is a duplicate. Grows with every item. */
  readonly id: number;
  readonly isDuplicate: boolean;
}

/** An item, given to one receiver for a time. */
export interface Delivered {
  readonly id: number;
  readonly body: Data;
  /** Greater than that of every delivery before: a fencing token. Of no use when the time is over. */
  readonly receipt: number;
  /** How often it was delivered, this time included. */
  readonly attempts: number;
  /** In milliseconds since 1970, by the time of the log. */
  readonly enqueuedAtMs: number;
  /** The queue that gave it up, for an item among dead letters. */
  readonly from?: string;
}

/** Who waited has items now. */
export interface DeliveredLater {
  /** The number that the visitor gave its question. */
  readonly request: number;
  readonly kind: 'delivered';
  readonly items: readonly Delivered[];
}

/** What becomes of the wish for items. `unknown-visitor`: the session of that visitor has ended; attend again. */
export type ReceiveAnswer =
  | { readonly kind: 'delivered'; readonly items: readonly Delivered[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown-visitor' };

/** The wish for items. */
export interface Receive {
  readonly visitor: number;
  /** A number that this visitor uses for one question only. */
  readonly request: number;
  /** How many items at most, 1 to 1,000. */
  readonly max: number;
  /** For how many milliseconds nobody else sees them. */
  readonly visibilityMs: number;
  /** Whether to wait where there are none. */
  readonly isPatient: boolean;
}

/** A queue, as a query sees it. */
export interface QueueCounts {
  /** Items that wait for a receiver. */
  readonly ready: number;
  /** Items that may be received later. */
  readonly delayed: number;
  /** Items that were delivered, and neither acknowledged nor given back. */
  readonly delivered: number;
  /** Receivers that wait for items. */
  readonly receivers: number;
}
