import type { LogBeginning, LogChange, NewBeginning } from './log-change.js';
import { TermRuns } from './term-runs.js';

/** Where entries are: those from `index` on begin in the record at `position` of the segment, or behind it. */
export interface Mark {
  readonly index: number;
  readonly position: number;
}

/** There is no more than about this much to read past between a mark and the entries behind it. */
const MARK_EVERY_BYTES = 64 << 10;

/**
 * What a segment did to the log, without its entries: where they are and of which terms, and what it took from the
 * segments before it. Applied one after the other, summaries give the log as their records would.
 *
 * Records between two marks only go forward: one that goes back gets a mark of its own. So the entries from a mark up
 * to the next are read by following the records from its position on.
 */
export class SegmentSummary {
  readonly sequence: number;
  /** One behind the last index when the segment was begun. */
  readonly firstIndex: number;
  /** The last index of the log behind the last record. */
  lastIndex: number;
  /** Entries of earlier segments at or above it are dead; infinite when none are. */
  replacesFrom = Infinity;
  /** Where the log begins; `undefined` as long as no record of this segment says so. */
  beginning: LogBeginning | undefined;
  /** The live entries in the segment; none when `lowest` is above `highest`. */
  lowest = Infinity;
  highest = 0;
  /** Of the entries up to {@link highest}, ascending in both fields. Some may be before the live ones. */
  marks: Mark[] = [];
  /** Of the same entries. */
  terms = new TermRuns();

  constructor(sequence: number, firstIndex: number) {
    this.sequence = sequence;
    this.firstIndex = firstIndex;
    this.lastIndex = firstIndex - 1;
  }

  get isLive(): boolean {
    return this.lowest <= this.highest;
  }

  /** The change was written to this segment, in the record at `position`. */
  wrote({ beginning, entries }: LogChange, position: number): void {
    if (beginning) this.#begin(beginning);
    const first = entries[0]?.index;
    const last = entries.at(-1)?.index;
    if (first === undefined || last === undefined) return;
    const goesBack = first <= this.lastIndex;
    if (goesBack) {
      this.cutFrom(first);
      this.replacesFrom = Math.min(this.replacesFrom, first);
    }
    const before = this.marks.at(-1);
    if (!before || goesBack || position - before.position >= MARK_EVERY_BYTES) {
      this.marks.push({ index: first, position });
    }
    for (const { index, term } of entries) this.terms.append(index, term);
    this.lowest = Math.min(this.lowest, first);
    this.highest = last;
    this.lastIndex = last;
  }

  /** Entries from `index` on are dead: they were written again. */
  cutFrom(index: number): void {
    if (index > this.highest) return;
    this.highest = index - 1;
    for (let last = this.marks.at(-1); last && last.index >= index; last = this.marks.at(-1))
      this.marks.pop();
    this.terms.cutFrom(index);
  }

  /** The log begins elsewhere; said by this segment, or by a later one. */
  coverUpTo({ index, keepsEntries }: NewBeginning): void {
    this.lowest = Math.max(this.lowest, index + 1);
    if (!keepsEntries) this.cutFrom(0);
  }

  #begin(beginning: NewBeginning): void {
    const { index, keepsEntries, term } = beginning;
    this.beginning = { index, term };
    this.coverUpTo(beginning);
    if (keepsEntries) return;
    this.highest = 0;
    this.replacesFrom = 0;
    this.lastIndex = index;
  }
}
