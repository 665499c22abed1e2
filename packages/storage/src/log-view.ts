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
import { FIRST_BEGINNING, type LogBeginning, type LogChange, metadataOf } from './log-change.js';

/** The hard state of a server that has not heard of any term yet. */
export const ZERO_HARD_STATE: HardState = { term: 0 as Term, vote: '' as NodeId, commit: 0 as Index };

/** What {@link LogView} starts with. */
export interface LogContent {
  readonly beginning: LogBeginning;
  /** Taken over: they follow on the beginning and have no gap. */
  readonly entries: Entry[];
  readonly hardState: HardState;
}

/**
 * The log as of the last append, in memory: its live entries and what the newest snapshot stands for.
 *
 * Invariant: the log has the index and term of that snapshot, as an entry or as its beginning.
 */
export class LogView implements LogReader {
  /** Entry `i` is at place `i - 1 - #beginning.index`. */
  #entries: Entry[];
  #beginning: LogBeginning;
  #hardState: HardState;
  #snapshot: SnapshotMetadata | undefined;

  /** Empty and never compacted without `content`. */
  constructor(content?: LogContent) {
    this.#beginning = content?.beginning ?? FIRST_BEGINNING;
    this.#entries = content?.entries ?? [];
    this.#hardState = content?.hardState ?? ZERO_HARD_STATE;
  }

  firstIndex(): Index {
    return (this.#beginning.index + 1) as Index;
  }

  lastIndex(): Index {
    return (this.#beginning.index + this.#entries.length) as Index;
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
    return index === covered ? term : this.#entries[index - 1 - covered]?.term;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    const first = this.firstIndex();
    if (!(from >= first && from <= to && to <= this.lastIndex() + 1)) {
      throw new RangeError(
        `entries [${from}, ${to}) asked of a log that holds [${first}, ${this.lastIndex() + 1})`,
      );
    }
    const start = from - first;
    let end = start;
    let bytes = 0;
    while (end < to - first) {
      bytes += this.#entries[end]?.data.length ?? 0;
      if (bytes > maxBytes && end > start) break;
      end++;
    }
    return this.#entries.slice(start, end);
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
    if (beginning) {
      const { index, keepsEntries, term } = beginning;
      this.#entries = keepsEntries ? this.#entries.slice(index - this.#beginning.index) : [];
      this.#beginning = { index, term };
    }
    const first = entries[0];
    if (first) {
      const place = first.index - 1 - this.#beginning.index;
      // Setting the length costs even where it stays the same.
      if (place < this.#entries.length) this.#entries.length = place;
      for (const entry of entries) this.#entries.push(entry);
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
