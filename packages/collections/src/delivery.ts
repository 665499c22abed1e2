import type { WaitOptions } from './patience.js';

/** How items are received. */
export interface ReceiveOptions extends WaitOptions {
  /** How many items at most, 1 to 1,000; 1 by default. */
  readonly max?: number;
  /** For how many milliseconds nobody else sees them; 30,000 by default. */
  readonly visibilityMs?: number;
  /** How long to wait where there are none; 0 by default. */
  readonly waitMs?: number;
}

/** An item that this client has for a time. */
export interface Delivery<Item> {
  /** Of the item; grows with every item that is put in. */
  readonly id: number;
  readonly item: Item;
  /** Greater than that of every delivery before: a fencing token for what is done with the item. */
  readonly receipt: number;
  /** How often the item was delivered, this time included. */
  readonly attempts: number;
  /** In milliseconds since 1970, by the time of the log. */
  readonly enqueuedAtMs: number;
  /** The queue that gave the item up, where this is one for dead letters. */
  readonly from?: string;
  /**
   * The item is done: it is gone for good.
   *
   * @throws StaleReceipt when the item may be somebody else's by now.
   */
  acknowledge(): Promise<void>;
  /** Nobody else sees the item for so many milliseconds from now on. @throws StaleReceipt as {@link acknowledge} does. */
  extend(visibilityMs: number): Promise<void>;
  /**
   * The item could not be handled: others may have it, at once or after `delayMs`.
   *
   * @throws StaleReceipt as {@link acknowledge} does.
   */
  reject(options?: { readonly delayMs?: number }): Promise<void>;
}

/** A delivery in the hands of a handler. */
export interface Handled<Item> extends Delivery<Item> {
  /** Aborted when the item may be somebody else's by now: what is done with it comes too late. */
  readonly signal: AbortSignal;
}
