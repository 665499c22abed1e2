import type {
  AppendBatch,
  Entry,
  HardState,
  Index,
  LogReader,
  NodeId,
  SnapshotMetadata,
  Term,
} from '@decoraft/raft';
import { EntryCache } from './entry-cache.js';
import {
  FIRST_BEGINNING,
  type LogBeginning,
  type LogChange,
  metadataOf,
  type NewBeginning,
} from './log-change.js';
import { TermRuns } from './term-runs.js';

/** The hard state of a server that has not heard of any term yet. */
export const ZERO_HARD_STATE: HardState = { term: 0 as Term, vote: '' as NodeId, commit: 0 as Index };

/** What {@link LogView} starts with: a log whose entries are all on the disk. */
export interface LogContent {
  readonly beginning: LogBeginning;
  readonly lastIndex: number;
  /** Of the entries behind the beginning. */
  readonly terms: TermRuns;
  readonly hardState: HardState;
}

/**
 * Reads entries back that are in memory no more: those from `from` up to, not including, `to`; as many as fit into
 * `maxBytes` of data, and at least one.
 */
export type ReadBack = (from: number, to: number, maxBytes: number) => readonly Entry[];

/**
 * The log as of the last append: where it begins and ends, the terms of its entries, what the newest snapshot stands
 * for, and the newest entries themselves. Older ones are read back.
 *
 * Invariant: the log has the index and term of that snapshot, as an entry or as its beginning.
 */
export class LogView implements LogReader {
  readonly #readBack: ReadBack;
  readonly #cache: EntryCache;
  readonly #terms: TermRuns;
  #beginning: LogBeginning;
  #lastIndex: number;
  #hardState: HardState;
  #snapshot: SnapshotMetadata | undefined;

  /** Empty and never compacted without `content`. Without `readBack` nothing may ever be evicted. */
  constructor(content?: LogContent, readBack: ReadBack = readsNothing) {
    this.#beginning = content?.beginning ?? FIRST_BEGINNING;
    this.#lastIndex = content?.lastIndex ?? 0;
    this.#terms = content?.terms ?? new TermRuns();
    this.#hardState = content?.hardState ?? ZERO_HARD_STATE;
    this.#cache = new EntryCache(this.#lastIndex + 1);
    this.#readBack = readBack;
  }

  firstIndex(): Index {
    return (this.#beginning.index + 1) as Index;
  }

  lastIndex(): Index {
    return this.#lastIndex as Index;
  }

  /** About what the entries take that are held in memory. */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  hardState(): HardState {
    return this.#hardState;
  }

  snapshot(): SnapshotMetadata | undefined {
    return this.#snapshot;
  }

  /** Behind what the log begins. */
  beginning(): LogBeginning {
    return this.#beginning;
  }

  term(index: Index): Term | undefined {
    const { index: covered, term } = this.#beginning;
    if (index === covered) return term;
    return index > covered && index <= this.#lastIndex ? this.#terms.termAt(index) : undefined;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    const first = this.firstIndex();
    if (!(from >= first && from <= to && to <= this.#lastIndex + 1)) {
      throw new RangeError(
        `entries [${from}, ${to}) asked of a log that holds [${first}, ${this.#lastIndex + 1})`,
      );
    }
    if (from === to) return [];
    const cached = this.#cache.firstIndex;
    if (from >= cached) return this.#cache.slice(from, to, maxBytes, 1);
    const older = this.#readBack(from, Math.min(to, cached), maxBytes);
    if (to <= cached || from + older.length < cached) return older;
    return older.concat(this.#cache.slice(cached, to, maxBytes - dataBytesOf(older), 0));
  }

  /** Keeps no more than `maxBytes` of entries in memory, and all behind `through`: those can be read back. */
  evict(maxBytes: number, through: number): void {
    this.#cache.evict(maxBytes, through);
  }

  /** Why `batch` cannot follow on this log; `undefined` when it can. */
  problemWith({ entries, hardState, snapshot }: AppendBatch): string | undefined {
    const newest = this.#snapshot;
    if (snapshot && !(snapshot.index >= 1)) return `a snapshot of index ${snapshot.index} stands for nothing`;
    if (snapshot && newest && !isAtOrBehind(newest, snapshot)) {
      return `a snapshot of ${placeOf(snapshot)} follows one of ${placeOf(newest)}`;
    }
    const covered = snapshot ?? newest ?? FIRST_BEGINNING;
    const isReplaced = snapshot !== undefined && this.term(snapshot.index) !== snapshot.term;
    const last = isReplaced ? snapshot.index : this.lastIndex();
    const first = entries[0];
    if (first && !(first.index > covered.index && first.index <= last + 1)) {
      return `the batch begins at index ${first.index}, a snapshot covers up to ${covered.index}, the log ends at ${last}`;
    }
    if (hardState && hardState.term < this.#hardState.term) {
      return `hard state of term ${hardState.term} follows that of term ${this.#hardState.term}`;
    }
    if (!first) return undefined;
    const before = (first.index - 1) as Index;
    return problemWithin(entries, before === covered.index ? covered.term : (this.term(before) ?? 0));
  }

  /** Why a snapshot that this node took cannot be of this log; `undefined` when it can, or is of no use any more. */
  problemWithSnapshot(snapshot: SnapshotMetadata): string | undefined {
    if (!this.isNewer(snapshot) || this.term(snapshot.index) === snapshot.term) return undefined;
    return `a snapshot of ${placeOf(snapshot)}, which the log does not have: it ends at ${this.lastIndex()}`;
  }

  isNewer({ index }: SnapshotMetadata): boolean {
    return index > (this.#snapshot?.index ?? 0);
  }

  /** Why the log cannot begin behind `through`; `undefined` when it can. */
  problemWithCompaction(through: Index): string | undefined {
    const covered = this.#snapshot?.index ?? 0;
    return through > covered ? `index ${through} is not in a snapshot: that ends at ${covered}` : undefined;
  }

  /** Drops the entries up to `through`; `undefined` when that drops none. */
  compactionTo(through: Index): LogChange | undefined {
    const term = this.term(through);
    if (through < this.firstIndex() || term === undefined) return undefined;
    const beginning = { index: through, term, keepsEntries: true };
    return { beginning, entries: [], hardState: this.#hardState };
  }

  /** Shows `change`, which must have no problem. */
  apply({ beginning, entries, hardState }: LogChange): void {
    if (beginning) this.#begin(beginning);
    const first = entries[0];
    if (first) {
      if (first.index <= this.#lastIndex) {
        this.#cache.cutFrom(first.index);
        this.#terms.cutFrom(first.index);
      }
      for (const entry of entries) {
        this.#cache.append(entry);
        this.#terms.append(entry.index, entry.term);
      }
      this.#lastIndex = first.index + entries.length - 1;
    }
    if (hardState) this.#hardState = hardState;
  }

  /** Shows that `snapshot` is the newest from now on. */
  showSnapshot(snapshot: SnapshotMetadata | undefined): void {
    this.#snapshot = snapshot && metadataOf(snapshot);
  }

  /** {@link showSnapshot} of a log that was just opened: what is in a snapshot was committed, whatever the hint says. */
  recoverSnapshot(snapshot: SnapshotMetadata | undefined): void {
    this.showSnapshot(snapshot);
    const { commit } = this.#hardState;
    if (snapshot && snapshot.index > commit) this.#hardState = { ...this.#hardState, commit: snapshot.index };
  }

  #begin({ index, keepsEntries, term }: NewBeginning): void {
    this.#beginning = { index, term };
    if (keepsEntries) {
      this.#cache.dropThrough(index);
      this.#terms.dropThrough(index);
      return;
    }
    this.#cache.restart(index + 1);
    this.#terms.cutFrom(0);
    this.#lastIndex = index;
  }
}

/** Why `entries` cannot follow on one of term `before`. */
function problemWithin(entries: readonly Entry[], before: number): string | undefined {
  let index: number = entries[0]?.index ?? 0;
  let term = before;
  for (const entry of entries) {
    if (entry.index !== index) return `index ${entry.index} follows index ${index - 1} within a batch`;
    if (entry.term < term) return `term ${entry.term} at index ${index} follows term ${term}`;
    index++;
    term = entry.term;
  }
  return undefined;
}

function isAtOrBehind(older: LogBeginning, newer: LogBeginning): boolean {
  return older.index < newer.index || (older.index === newer.index && older.term === newer.term);
}

function placeOf({ index, term }: LogBeginning): string {
  return `index ${index} and term ${term}`;
}

function dataBytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.length;
  return bytes;
}

function readsNothing(from: number): never {
  throw new Error(`entry ${from} is not in memory, and nowhere else`);
}
