import { assertInvariant } from '@decoraft/base';
import type { Entry } from './entry.js';
import { type Index, index, type Term, term } from './ids.js';
import { Inflights } from './inflights.js';
import type { LogReader, SnapshotMetadata } from './log-store.js';

/** An entry's place and term: together they name it, in all logs (§5.3, log matching). */
export interface LogPosition {
  readonly index: Index;
  readonly term: Term;
}

export interface LogStart {
  /** The reading side of the store; all in it is durable at the start. */
  readonly store: LogReader;
  readonly committed: Index;
  readonly applied: Index;
  /** Committed entries that may be out to be applied at once. */
  readonly maxCommittedBytes: number;
}

/** What leaves for the disk together, the snapshot first. */
export interface Write {
  readonly snapshot?: SnapshotMetadata;
  readonly entries: readonly Entry[];
}

/** A write under way. */
interface Writing {
  readonly snapshot: SnapshotMetadata | undefined;
  /** Up to where the log, as it is now, will be durable when the write is. */
  durable: number;
}

const NO_ENTRIES: readonly Entry[] = [];

/**
 * The log as the core sees it: the durable part, read from the store, and behind it the tail that is not known to
 * be durable yet. The front of the tail may be on its way to the disk already.
 *
 * Invariant: applied ≤ handed out to apply ≤ committed ≤ last index; entries are durable before they are handed out.
 */
export class RaftLog {
  readonly #store: LogReader;
  readonly #maxCommittedBytes: number;
  /** The entries from `#tailFrom` on, without a gap. */
  #tail: Entry[] = [];
  #tailFrom: number;
  /** The first index that no write has taken yet. */
  #unwrittenFrom: number;
  /**
   * Oldest first. A truncation lowers where they end, so that an acknowledgement of entries that were replaced in the
   * meantime, even by equal ones, counts only up to where nothing changed (etcd's append ABA race).
   */
  readonly #writes: Writing[] = [];
  /** From a leader, and not durable yet: until then it hides all that the store shows. */
  #snapshot: SnapshotMetadata | undefined;
  #snapshotIsUnwritten = false;
  /** The index of the latest snapshot from a leader: nothing is handed out before that has been applied. */
  #restoredTo = 0;
  readonly #applying: Inflights;
  #handedOut: number;
  #committed: Index;
  #applied: Index;

  constructor({ store, committed, applied, maxCommittedBytes }: LogStart) {
    const lastIndex = store.lastIndex();
    assertInvariant(committed <= lastIndex, `the log ends at ${lastIndex}, and ${committed} was committed`);
    const compacted = store.firstIndex() - 1;
    assertInvariant(applied >= compacted, `the log begins behind ${compacted}, and ${applied} was applied`);
    this.#store = store;
    this.#maxCommittedBytes = maxCommittedBytes;
    this.#tailFrom = lastIndex + 1;
    this.#unwrittenFrom = this.#tailFrom;
    this.#applying = new Inflights({ maxMessages: Number.POSITIVE_INFINITY, maxBytes: maxCommittedBytes });
    this.#handedOut = applied;
    this.#committed = committed;
    this.#applied = applied;
  }

  get committed(): Index {
    return this.#committed;
  }

  get applied(): Index {
    return this.#applied;
  }

  /** Behind what was compacted. */
  get firstIndex(): Index {
    return this.#snapshot ? index(this.#snapshot.index + 1) : this.#store.firstIndex();
  }

  get lastIndex(): Index {
    return index(this.#tailFrom + this.#tail.length - 1);
  }

  /** The last entry; that of an empty log is (0, 0). */
  get last(): LogPosition {
    return { index: this.lastIndex, term: this.term(this.lastIndex) ?? term(0) };
  }

  /** The last index that is durable here; 0 while a snapshot from a leader is not. */
  get durableIndex(): Index {
    return index(this.#snapshot ? 0 : this.#tailFrom - 1);
  }

  /** The newest snapshot that is durable here. */
  get snapshot(): SnapshotMetadata | undefined {
    return this.#store.snapshot();
  }

  /** Whether a snapshot from a leader has not been applied yet. */
  get isRestoring(): boolean {
    return this.#applied < this.#restoredTo;
  }

  /** The term of the entry at `at`, also right before the first; 0 for index 0, `undefined` outside of the log. */
  term(at: Index): Term | undefined {
    if (at >= this.#tailFrom) return this.#tail[at - this.#tailFrom]?.term;
    const snapshot = this.#snapshot;
    if (snapshot) return at === snapshot.index ? snapshot.term : undefined;
    return at < this.#store.firstIndex() - 1 ? undefined : this.#store.term(at);
  }

  matches(position: LogPosition): boolean {
    return this.term(position.index) === position.term;
  }

  /** Whether a candidate's log is at least as new as this one: by last term, then by length (§5.4.1). */
  isUpToDate(candidate: LogPosition): boolean {
    const last = this.last;
    return candidate.term > last.term || (candidate.term === last.term && candidate.index >= last.index);
  }

  /**
   * The last position at or before `index` whose term is not above `term`: what comes behind it cannot match a log
   * that has `term` at `index`. Skips a whole term at once (§5.3, last paragraph).
   */
  findConflictByTerm(position: LogPosition): LogPosition {
    let at: number = Math.min(position.index, this.lastIndex);
    for (; at > 0; at--) {
      const found = this.term(index(at));
      // An entry that is not in the log any more may match: nobody can say.
      if (found === undefined) return { index: index(at), term: term(0) };
      if (found <= position.term) return { index: index(at), term: found };
    }
    return { index: index(0), term: term(0) };
  }

  /**
   * The entries from `from` up to, not including, `to`: at least one where there is one, then as many as fit into
   * `maxBytes` of data.
   */
  entries(from: number, to: number, maxBytes: number): readonly Entry[] {
    if (from >= to) return NO_ENTRIES;
    const tailFrom = this.#tailFrom;
    if (from >= tailFrom) return prefixOf(this.#tail, from - tailFrom, to - tailFrom, maxBytes, true);
    const durable = this.#store.entries(index(from), index(Math.min(to, tailFrom)), maxBytes);
    if (to <= tailFrom || from + durable.length < tailFrom) return durable;
    const more = prefixOf(this.#tail, 0, to - tailFrom, maxBytes - bytesOf(durable), false);
    return more.length === 0 ? durable : durable.concat(more);
  }

  /** Adds one entry at the end. */
  append(entry: Entry): void {
    this.#tail.push(entry);
  }

  /**
   * Takes in what a leader sent behind a position that matches. Replaces only from the first real conflict on, so
   * that an old or repeated request never takes away what a newer one brought (§5.3).
   */
  merge(entries: readonly Entry[]): void {
    const conflict = entries.findIndex((entry) => !this.matches(entry));
    const first = entries[conflict];
    if (!first) return;
    if (first.index <= this.lastIndex) this.#truncateFrom(first.index);
    for (let at = conflict; at < entries.length; at++) {
      const entry = entries[at];
      if (entry) this.#tail.push(entry);
    }
  }

  commitTo(at: Index): void {
    if (at <= this.#committed) return;
    assertInvariant(
      at <= this.lastIndex,
      `commit index ${at} is beyond the end of the log, ${this.lastIndex}`,
    );
    this.#committed = at;
  }

  /** A snapshot from a leader replaces all that is here; it is committed and, once installed, applied. */
  restore(snapshot: SnapshotMetadata): void {
    assertInvariant(snapshot.index > this.#committed, `a snapshot of ${snapshot.index} brings nothing new`);
    this.#snapshot = snapshot;
    this.#snapshotIsUnwritten = true;
    this.#tail = [];
    this.#tailFrom = snapshot.index + 1;
    this.#unwrittenFrom = this.#tailFrom;
    // What is being written is replaced by it.
    for (const write of this.#writes) write.durable = 0;
    this.#committed = snapshot.index;
    this.#handedOut = snapshot.index;
    this.#restoredTo = snapshot.index;
  }

  get hasUnwritten(): boolean {
    return this.#snapshotIsUnwritten || this.#unwrittenFrom <= this.lastIndex;
  }

  /** Begins a write: gives what no write before has taken. */
  beginWrite(): Write {
    const lastIndex = this.lastIndex;
    const hasEntries = this.#unwrittenFrom <= lastIndex;
    const entries = hasEntries ? this.#tail.slice(this.#unwrittenFrom - this.#tailFrom) : NO_ENTRIES;
    const snapshot = this.#snapshotIsUnwritten ? this.#snapshot : undefined;
    this.#unwrittenFrom = lastIndex + 1;
    this.#snapshotIsUnwritten = false;
    this.#writes.push({ snapshot, durable: hasEntries ? lastIndex : 0 });
    return snapshot ? { snapshot, entries } : { entries };
  }

  /** The oldest write under way is durable. */
  endWrite(): void {
    const write = this.#writes.shift();
    assertInvariant(write !== undefined, 'a write has to begin before it ends');
    // A later snapshot may have taken its place in the meantime.
    if (write.snapshot !== undefined && write.snapshot === this.#snapshot) this.#snapshot = undefined;
    if (write.durable < this.#tailFrom) return;
    this.#tail.splice(0, write.durable + 1 - this.#tailFrom);
    this.#tailFrom = write.durable + 1;
  }

  get hasCommitted(): boolean {
    return !this.isRestoring && this.#handedOut < this.#mayApplyTo && !this.#applying.isFull;
  }

  /** What may be applied next, once and in order: committed, and durable here (etcd #14370). */
  takeCommitted(): readonly Entry[] {
    if (!this.hasCommitted) return NO_ENTRIES;
    const room = this.#maxCommittedBytes - this.#applying.bytes;
    const entries = this.entries(this.#handedOut + 1, this.#mayApplyTo + 1, room);
    this.#handedOut += entries.length;
    this.#applying.add(this.#handedOut, bytesOf(entries));
    return entries;
  }

  /** Whether a change of the configuration is committed and was not handed out yet. Reads the log: ask seldom. */
  get hasCommittedChange(): boolean {
    let from = this.#handedOut + 1;
    while (from <= this.#committed) {
      const entries = this.entries(from, this.#committed + 1, this.#maxCommittedBytes);
      if (entries.some(({ kind }) => kind === 'configuration')) return true;
      from += entries.length;
    }
    return false;
  }

  appliedTo(at: Index): void {
    assertInvariant(at <= this.#handedOut, `${at} was applied; ${this.#handedOut} was the last handed out`);
    assertInvariant(at >= this.#applied, `${at} was applied after ${this.#applied}`);
    this.#applied = at;
    this.#applying.freeUpTo(at);
  }

  get #mayApplyTo(): number {
    return Math.min(this.#committed, this.durableIndex);
  }

  #truncateFrom(at: Index): void {
    assertInvariant(at > this.#committed, `a leader replaces entry ${at}; ${this.#committed} is committed`);
    if (at < this.#tailFrom) {
      this.#tail = [];
      this.#tailFrom = at;
    } else {
      this.#tail.length = at - this.#tailFrom;
    }
    this.#unwrittenFrom = Math.min(this.#unwrittenFrom, at);
    for (const write of this.#writes) write.durable = Math.min(write.durable, at - 1);
  }
}

/** Bytes of data, which is what all limits count. */
export function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.length;
  return bytes;
}

function prefixOf(
  entries: readonly Entry[],
  from: number,
  to: number,
  maxBytes: number,
  atLeastOne: boolean,
): readonly Entry[] {
  let bytes = 0;
  let end = from;
  for (; end < to; end++) {
    bytes += entries[end]?.data.length ?? 0;
    if (bytes > maxBytes && !(atLeastOne && end === from)) break;
  }
  return entries.slice(from, end);
}
