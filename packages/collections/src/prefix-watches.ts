import { DecoraftError, type SessionId } from 'decoraft';

/** Somebody wants to hear of all keys that begin alike. Data: a part of a machine's state. */
export interface PrefixWatch {
  readonly prefix: string;
  /** Of whoever watches: the watch ends with it. */
  readonly session: SessionId;
}

/** How many watches a machine holds. */
const MOST_WATCHES = 10_000;

/**
 * Which prefixes are watched, made from a machine's watches. An event's parameters select by equality, so a machine that
 * notifies by prefix has to know which prefixes to notify: those that are watched.
 */
export class WatchedPrefixes {
  /** How many watch a prefix. */
  readonly #counts = new Map<string, number>();

  reset(watches: Iterable<PrefixWatch>): void {
    this.#counts.clear();
    for (const { prefix } of watches) this.added(prefix);
  }

  added(prefix: string): void {
    this.#counts.set(prefix, (this.#counts.get(prefix) ?? 0) + 1);
  }

  removed(prefix: string): void {
    const left = (this.#counts.get(prefix) ?? 0) - 1;
    if (left > 0) this.#counts.set(prefix, left);
    else this.#counts.delete(prefix);
  }

  /**
   * Those that `key` begins with, the shortest first. Looks at all that are watched, or at all prefixes of the key,
   * whichever are fewer.
   */
  of(key: string): readonly string[] {
    if (this.#counts.size === 0) return [];
    if (this.#counts.size > key.length) {
      const all = Array.from({ length: key.length + 1 }, (_, length) => key.slice(0, length));
      return all.filter((prefix) => this.#counts.has(prefix));
    }
    const found = [...this.#counts.keys()].filter((prefix) => key.startsWith(prefix));
    // Two of one length would be the same: the order says nothing of that in which they came, which replicas forget.
    return found.toSorted((left, right) => left.length - right.length);
  }
}

/** @throws DecoraftError `Overloaded` */
export function refuseTooManyWatches(count: number): void {
  if (count < MOST_WATCHES) return;
  throw new DecoraftError('Overloaded', `${MOST_WATCHES} prefixes are watched already`);
}
