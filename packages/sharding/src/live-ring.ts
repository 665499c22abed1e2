import { tell } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { checkRange, moved, type MovedRange, type SlotRange } from './moved.js';
import { type HashRing, slotOf } from './ring.js';

/** Of what a ring is made: whoever has both has the same ring. */
export interface RingVersion {
  /** Of the membership; 0 where the ring's members are fixed. */
  readonly membership: number;
  /** Of the weights; 0 where there are none. */
  readonly weights: number;
}

export interface Ownership {
  /** `undefined` while nobody weighs anything. */
  readonly owner: string | undefined;
  readonly version: RingVersion;
}

export interface Owners {
  /** The owner first. */
  readonly owners: readonly string[];
  readonly version: RingVersion;
}

export interface RingState {
  readonly ring: HashRing;
  readonly version: RingVersion;
}

/** One ring took the place of another. `moved(before.ring, after.ring)` says what that moves. */
export interface RingChange {
  readonly before: RingState;
  readonly after: RingState;
}

/** Another owns a key. */
export interface KeyMoved {
  readonly key: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly version: RingVersion;
}

/** Others own slots of a range. */
export interface RangeMoved {
  readonly ranges: readonly MovedRange[];
  readonly version: RingVersion;
}

/** Ends a listener, at once. */
export type Stop = () => void;

/**
 * A ring that changes: each state is a {@link HashRing}, and listeners hear of every next one. What a listener throws
 * surfaces as an uncaught error, and disturbs nobody.
 */
export class LiveRing {
  #state: RingState;
  readonly #listeners = new Set<(change: RingChange) => void>();

  constructor(first: RingState) {
    this.#state = first;
  }

  /** The ring as it is now, which never changes, and its versions. */
  get state(): RingState {
    return this.#state;
  }

  get version(): RingVersion {
    return this.#state.version;
  }

  /** Who owns a key, and by which versions. @throws DecoraftError `InvalidArgument` for what is no string. */
  ownerOf(key: string): Ownership {
    const { ring, version } = this.#state;
    return { owner: ring.ownerOf(key), version };
  }

  /** Who should hold copies of a key. See {@link HashRing.ownersOf}. */
  ownersOf(key: string, count: number): Owners {
    const { ring, version } = this.#state;
    return { owners: ring.ownersOf(key, count), version };
  }

  /** Every change of members or weights that makes another ring. */
  onChange(listener: (change: RingChange) => void): Stop {
    if (typeof listener !== 'function') throw invalid('the listener is no function');
    // Each call is a listener of its own, also of the same function.
    const own = (change: RingChange): void => listener(change);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Hears when another becomes the owner of a key. */
  watchKey(key: string, listener: (moved: KeyMoved) => void): Stop {
    slotOf(key);
    return this.onChange(({ before, after }) => {
      const [from, to] = [before.ring.ownerOf(key), after.ring.ownerOf(key)];
      if (from !== to) listener({ key, from, to, version: after.version });
    });
  }

  /**
   * Hears when others become the owners of slots of a range; `slotOf(key)` is a key's slot. All slots take some tens of
   * milliseconds to compare where there are ten members, and as much more for more.
   *
   * @throws DecoraftError `InvalidArgument` for what is no range of slots.
   */
  watchRange(range: SlotRange, listener: (moved: RangeMoved) => void): Stop {
    checkRange(range);
    return this.onChange(({ before, after }) => {
      const ranges = moved(before.ring, after.ring, range);
      if (ranges.length > 0) listener({ ranges, version: after.version });
    });
  }

  /** The next state. Not every version makes another ring: listeners hear of those that do. */
  protected become(next: RingState): void {
    const before = this.#state;
    const isSame = isSameRing(before.ring, next.ring);
    const after = isSame ? { ...next, ring: before.ring } : next;
    this.#state = after;
    if (isSame) return;
    // Who begins to listen meanwhile hears of the next one.
    const listeners = [...this.#listeners];
    for (const listener of listeners) {
      if (this.#listeners.has(listener)) tell(() => listener({ before, after }));
    }
  }
}

function isSameRing({ members: these }: HashRing, { members: those }: HashRing): boolean {
  if (these.length !== those.length) return false;
  return these.every(({ id, weight }, at) => id === those[at]?.id && weight === those[at].weight);
}

const invalid = (words: string): DecoraftError => new DecoraftError('InvalidArgument', `ring: ${words}`);
