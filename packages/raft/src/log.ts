import { assertInvariant } from '@decoraft/base';
import type { Entry } from './entry.js';
import { type Index, index, type Term, term } from './ids.js';
import type { LogReader } from './log-store.js';

/** The head of an AppendRequest: what must match before its entries may follow (§5.3). */
export interface LogPosition {
  readonly index: Index;
  readonly term: Term;
}

/**
 * The log as the core sees it: the stable part, read from the store, and behind it the tail that is not known to be
 * durable yet. A part of the tail may be on its way to the disk already (`handedOut`).
 */
export class RaftLog {
  readonly #store: LogReader;
  /** Not known to be durable; the first has index `#unstableFrom`. */
  #unstable: Entry[] = [];
  #unstableFrom: number;
  /** The first index that was not yet given out in a ready. */
  #handedOut: number;
  committed: Index;
  /** The last index that was given out to be applied. */
  #applying: number;
  applied: Index;

  constructor(store: LogReader, committed: Index, applied: Index) {
    this.#store = store;
    this.#unstableFrom = store.lastIndex() + 1;
    this.#handedOut = this.#unstableFrom;
    this.committed = index(Math.min(committed, store.lastIndex()));
    this.#applying = applied;
    this.applied = applied;
  }

  get lastIndex(): Index {
    return index(this.#unstableFrom + this.#unstable.length - 1);
  }

  get lastTerm(): Term {
    return this.term(this.lastIndex) ?? term(0);
  }

  /** The last index that is known to be durable here. */
  get stableIndex(): Index {
    return index(this.#unstableFrom - 1);
  }

  term(at: Index): Term | undefined {
    if (at >= this.#unstableFrom) return this.#unstable[at - this.#unstableFrom]?.term;
    return this.#store.term(at);
  }

  matches({ index: at, term: expected }: LogPosition): boolean {
    return this.term(at) === expected;
  }

  /** Whether a candidate's log is at least as new as this one: terms first, then length (§5.4.1). */
  isUpToDate(candidate: LogPosition): boolean {
    const { lastTerm } = this;
    return candidate.term > lastTerm || (candidate.term === lastTerm && candidate.index >= this.lastIndex);
  }

  /** The entries from `from` up to `maxBytes` of data, at least one where there is one. */
  entries(from: Index, maxBytes: number, to: number = this.lastIndex + 1): readonly Entry[] {
    if (from >= to) return [];
    if (from >= this.#unstableFrom) {
      return limitBytes(this.#unstable, from - this.#unstableFrom, to - this.#unstableFrom, maxBytes);
    }
    const stable = this.#store.entries(from, index(Math.min(to, this.#unstableFrom)), maxBytes);
    const next = from + stable.length;
    if (next < this.#unstableFrom || next >= to) return stable;
    const left = maxBytes - bytesOf(stable);
    return left <= 0 ? stable : [...stable, ...limitBytes(this.#unstable, 0, to - next, left, true)];
  }

  /** Adds entries of a leader's own. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) this.#unstable.push(entry);
  }

  /**
   * Takes what a leader sent behind a matching position: deletes only from the first real conflict on, so that an
   * old or repeated request never takes away what a newer one brought (§5.3).
   */
  merge(entries: readonly Entry[]): void {
    const conflict = entries.findIndex((entry) => this.term(entry.index) !== entry.term);
    const first = entries[conflict];
    if (!first) return;
    assertInvariant(first.index > this.committed, `entry ${first.index} conflicts with a committed one`);
    this.#truncateFrom(first.index);
    this.append(entries.slice(conflict));
  }

  commitTo(at: Index): boolean {
    if (at <= this.committed) return false;
    assertInvariant(at <= this.lastIndex, `commit index ${at} is beyond the last index ${this.lastIndex}`);
    this.committed = at;
    return true;
  }

  /** Where a leader should look next when `position` did not match: no later term can match before it (§5.3). */
  findConflict(position: LogPosition): LogPosition {
    let at: number = Math.min(position.index, this.lastIndex);
    for (; at > 0; at--) {
      const found = this.term(index(at));
      if (found === undefined || found <= position.term) return { index: index(at), term: found ?? term(0) };
    }
    return { index: index(0), term: term(0) };
  }

  get hasNewUnstable(): boolean {
    return this.#handedOut <= this.lastIndex;
  }

  /** What has not been given to the store yet; given out once. */
  takeUnstable(): readonly Entry[] {
    const entries = this.#unstable.slice(this.#handedOut - this.#unstableFrom);
    this.#handedOut = this.lastIndex + 1;
    return entries;
  }

  /**
   * The entry of this index and term is durable, and all before it. When it was replaced in the meantime, the
   * news is about a past that no longer counts (the append ABA race).
   */
  stableTo({ index: at, term: written }: LogPosition): void {
    if (at < this.#unstableFrom || this.term(at) !== written) return;
    this.#unstable = this.#unstable.slice(at + 1 - this.#unstableFrom);
    this.#unstableFrom = at + 1;
    this.#handedOut = Math.max(this.#handedOut, this.#unstableFrom);
  }

  get hasCommitted(): boolean {
    return this.#applying < Math.min(this.committed, this.stableIndex);
  }

  /** What may be applied next: committed, and durable here. Given out once. */
  takeCommitted(maxBytes: number): readonly Entry[] {
    const to = Math.min(this.committed, this.stableIndex) + 1;
    const entries = this.entries(index(this.#applying + 1), maxBytes, to);
    this.#applying += entries.length;
    return entries;
  }

  #truncateFrom(at: Index): void {
    if (at < this.#unstableFrom) {
      this.#unstable = [];
      this.#unstableFrom = at;
    } else {
      this.#unstable = this.#unstable.slice(0, at - this.#unstableFrom);
    }
    this.#handedOut = Math.min(this.#handedOut, at);
  }
}

export function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.length;
  return bytes;
}

function limitBytes(
  entries: readonly Entry[],
  from: number,
  to: number,
  maxBytes: number,
  mayBeEmpty = false,
): readonly Entry[] {
  let bytes = 0;
  let end = from;
  for (; end < Math.min(to, entries.length); end++) {
    bytes += entries[end]?.data.length ?? 0;
    if (bytes > maxBytes && (end > from || mayBeEmpty)) break;
  }
  return entries.slice(from, end);
}
