import type { LogChange } from './log-change.js';

/** The indexes of the entries in a segment that count; none when `lowest` is above `highest`. */
interface LiveRange {
  readonly sequence: number;
  lowest: number;
  highest: number;
}

/**
 * Which segments still hold an entry of the log. Segments at the front that hold none can be recycled; one in the
 * middle stays until those before it can go as well, so that a gap always means loss.
 */
export class LiveSegments {
  /** Oldest first. */
  readonly #segments: LiveRange[] = [];
  /** The last index that was written; what goes on behind it replaces nothing. */
  #highest = 0;

  /** The segment `sequence` is the one that is written from now on. */
  begin(sequence: number): void {
    this.#segments.push({ sequence, lowest: Infinity, highest: 0 });
  }

  /** `change` was written. What was in its place is dead (§5.3), and so is what is before its beginning (§7). */
  wrote({ beginning, entries }: LogChange): void {
    if (beginning) {
      for (const segment of this.#segments) {
        segment.lowest = Math.max(segment.lowest, beginning.index + 1);
        if (!beginning.keepsEntries) segment.highest = 0;
      }
    }
    const current = this.#segments.at(-1);
    const first = entries[0]?.index;
    const last = entries.at(-1)?.index;
    if (!current || first === undefined || last === undefined) return;
    if (first <= this.#highest) {
      for (const segment of this.#segments) segment.highest = Math.min(segment.highest, first - 1);
    }
    current.lowest = Math.min(current.lowest, first);
    current.highest = last;
    this.#highest = last;
  }

  /** The oldest segment with a live entry; `undefined` when there is none. */
  oldest(): number | undefined {
    return this.#segments.find(isLive)?.sequence;
  }

  /** Forgets the segments before `sequence` and tells which they were. */
  dropBefore(sequence: number): readonly number[] {
    const keep = this.#segments.findIndex((segment) => segment.sequence >= sequence);
    const dropped = this.#segments.splice(0, keep === -1 ? this.#segments.length : keep);
    return dropped.map((segment) => segment.sequence);
  }
}

function isLive({ highest, lowest }: LiveRange): boolean {
  return lowest <= highest;
}
