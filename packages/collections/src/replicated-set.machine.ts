import { canonicalKey, cmd, DecoraftError, derived, event, qry, StateMachine, sub } from 'decoraft';
import type { Data } from './data.js';
import { keysOfPage, limitOf } from './pages.js';
import { SortedKeys } from './sorted-keys.js';

/** How much of a set is asked for at once. */
export interface ValuePageOptions {
  /** Only values behind this place: `next` of the page before. From the first by default. */
  readonly after?: string;
  /** At most so many, 1 to 1,000; 100 by default. Where values are large, fewer: a page is one answer. */
  readonly limit?: number;
}

/** Some values of a set. */
export interface ValuePage {
  readonly values: readonly Data[];
  /** The `after` of the next page, which means nothing else; absent on the last. */
  readonly next?: string;
}

/** How many a set holds. */
const MOST_VALUES = 1_000_000;

/**
 * A set of any data: two values that are equal as data are one, whatever the order of their keys.
 *
 * Called by `ReplicatedSetClient`. At most 1,000,000 values; one more is refused with `CommandRejected` and `data.code`
 * `Overloaded`. Each value is kept twice, as it is and as the bytes that it is compared by, so this is for small ones.
 */
export class ReplicatedSet extends StateMachine {
  /** By what they are compared by. */
  private readonly byKey = new Map<string, Data>();

  @derived private readonly sorted = new SortedKeys();

  /** A value that was not in it is now. */
  @sub onAdded = event<() => Data>();
  /** A value that was in it is no more. */
  @sub onRemoved = event<() => Data>();

  override restored(): void {
    this.sorted.reset(this.byKey.keys());
  }

  /** @returns Whether it is in the set. */
  @qry has(value: Data): boolean {
    return this.byKey.has(canonicalKey(value));
  }

  /** @returns How many there are. */
  @qry size(): number {
    return this.byKey.size;
  }

  /**
   * @returns Values a page at a time, in an order of their own that is always the same. Over several pages, a value that is
   * there all the while is seen once; one that comes or goes meanwhile may be.
   */
  @qry valuesPage(options: ValuePageOptions = {}): ValuePage {
    const found = keysOfPage(this.sorted, options);
    const keys = found.slice(0, limitOf(options));
    const values = keys.flatMap((key) => {
      const value = this.byKey.get(key);
      return value === undefined ? [] : [value];
    });
    const next = keys.at(-1);
    return found.length > keys.length && next !== undefined ? { values, next } : { values };
  }

  /** @returns Whether it was not there. */
  @cmd add(value: Data): boolean {
    const key = canonicalKey(value);
    if (this.byKey.has(key)) return false;
    if (this.byKey.size >= MOST_VALUES) {
      throw new DecoraftError('Overloaded', `the set holds ${MOST_VALUES} values already`);
    }
    this.byKey.set(key, value);
    this.sorted.add(key);
    this.onAdded().notify(value);
    return true;
  }

  /** @returns Whether it was there. */
  @cmd delete(value: Data): boolean {
    return this.remove(canonicalKey(value));
  }

  /** Removes all, and notifies of each. @returns How many there were. */
  @cmd clear(): number {
    const keys = [...this.sorted.from('')];
    for (const key of keys) this.remove(key);
    return keys.length;
  }

  private remove(key: string): boolean {
    const value = this.byKey.get(key);
    if (value === undefined) return false;
    this.byKey.delete(key);
    this.sorted.delete(key);
    this.onRemoved().notify(value);
    return true;
  }
}
