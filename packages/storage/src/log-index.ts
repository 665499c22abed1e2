import type { LogChange } from './log-change.js';
import { SegmentSummary } from './segment-summary.js';
import { TermRuns } from './term-runs.js';

/** Where to look for an entry on the disk. */
export interface EntryPlace {
  readonly sequence: number;
  /** Of the record to begin with: it or one behind it holds the entry. */
  readonly position: number;
  /** What is at or behind this index has another place. */
  readonly until: number;
  /** Of the entries in this place. */
  readonly terms: Pick<TermRuns, 'termAt'>;
}

/**
 * Which segment holds which entries of the log as it is on the disk, and about where. Grows with segments, terms and
 * every 64 KiB of records, not with entries.
 *
 * Segments at the front that hold no live entry can be recycled; one in the middle stays until those before it can go
 * as well, so that a gap always means loss.
 */
export class LogIndex {
  /** Oldest first. What is live in one is before all that is live in the next. */
  readonly #segments: SegmentSummary[] = [];
  #lastIndex = 0;

  /** The last index that was written. */
  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** The segment that is written; `undefined` before the first. */
  get current(): SegmentSummary | undefined {
    return this.#segments.at(-1);
  }

  /** The segment `sequence` is the one that is written from now on. */
  begin(sequence: number, firstIndex = this.#lastIndex + 1): void {
    this.#segments.push(new SegmentSummary(sequence, firstIndex));
    this.#lastIndex = firstIndex - 1;
  }

  /** Adds a segment as a whole, behind all others. */
  adopt(summary: SegmentSummary): void {
    const { beginning, lastIndex, replacesFrom } = summary;
    for (const segment of this.#segments) {
      segment.cutFrom(replacesFrom);
      if (beginning) segment.coverUpTo({ ...beginning, keepsEntries: true });
    }
    this.#segments.push(summary);
    this.#lastIndex = lastIndex;
  }

  /**
   * `change` was written in the record at `position` of the current segment. What was in its place is dead (§5.3),
   * and so is what is before its beginning (§7).
   */
  wrote(change: LogChange, position: number): void {
    const current = this.current;
    if (!current) return;
    const { beginning, entries } = change;
    const first = entries[0]?.index ?? Infinity;
    if (beginning) {
      for (const segment of this.#segments) if (segment !== current) segment.coverUpTo(beginning);
    }
    if (first <= this.#lastIndex) {
      for (const segment of this.#segments) if (segment !== current) segment.cutFrom(first);
    }
    current.wrote(change, position);
    this.#lastIndex = current.lastIndex;
  }

  /** Where the entry at `index` is; `undefined` when no segment holds it. */
  locate(index: number): EntryPlace | undefined {
    const segment = this.#segments.findLast(({ highest, lowest }) => lowest <= index && index <= highest);
    if (!segment) return undefined;
    const { highest, marks, sequence, terms } = segment;
    const at = lastMarkUpTo(marks, index);
    const mark = marks[at];
    if (!mark) return undefined;
    const until = Math.min(marks[at + 1]?.index ?? Infinity, highest + 1);
    return { sequence, position: mark.position, until, terms };
  }

  /** The oldest segment with a live entry behind `covered`; `undefined` when there is none. */
  oldest(covered = 0): number | undefined {
    return this.#segments.find(({ highest, lowest }) => Math.max(lowest, covered + 1) <= highest)?.sequence;
  }

  /** Forgets the segments before `sequence` and tells which they were. */
  dropBefore(sequence: number): readonly number[] {
    const keep = this.#segments.findIndex((segment) => segment.sequence >= sequence);
    const dropped = this.#segments.splice(0, keep === -1 ? this.#segments.length : keep);
    return dropped.map((segment) => segment.sequence);
  }

  /** The terms of all live entries, which must follow on `covered` without a gap; `undefined` where they do not. */
  termsBehind(covered: number): TermRuns | undefined {
    const all = new TermRuns();
    let next = covered + 1;
    for (const { highest, isLive, lowest, terms } of this.#segments) {
      if (!isLive) continue;
      if (lowest !== next) return undefined;
      const live = new TermRuns(terms.runs);
      live.dropThrough(lowest - 1);
      for (const { from, term } of live.runs) all.append(from, term);
      next = highest + 1;
    }
    return next === this.#lastIndex + 1 ? all : undefined;
  }
}

function lastMarkUpTo(marks: SegmentSummary['marks'], index: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.index ?? Infinity) <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
