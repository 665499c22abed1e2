import type { Entry } from '@decoraft/raft';

/**
 * Which segments still hold an entry of the log. Segments at the front that hold none can be recycled; one in the
 * middle stays until those before it can go as well, so that a gap always means loss.
 */
export class LiveSegments {
  /** Oldest first; `lowest` is the smallest live index in it, `Infinity` when it has none. */
  readonly #segments: { readonly sequence: number; lowest: number }[] = [];
  #highest = 0;

  /** The segment `sequence` is the one that is written from now on. */
  begin(sequence: number): void {
    this.#segments.push({ sequence, lowest: Infinity });
  }

  /** `entries` were written; all that the log had from the first of them on is dead (§5.3). */
  wrote(entries: readonly Entry[]): void {
    const current = this.#segments.at(-1);
    const first = entries[0]?.index;
    const last = entries.at(-1)?.index;
    if (!current || first === undefined || last === undefined) return;
    if (first <= this.#highest) {
      for (const segment of this.#segments) if (segment.lowest >= first) segment.lowest = Infinity;
    }
    current.lowest = Math.min(current.lowest, first);
    this.#highest = last;
  }

  /** The oldest segment with a live entry; `undefined` when there is none. */
  oldest(): number | undefined {
    return this.#segments.find((segment) => segment.lowest < Infinity)?.sequence;
  }

  /** Forgets the segments before `sequence` and tells which they were. */
  dropBefore(sequence: number): readonly number[] {
    const keep = this.#segments.findIndex((segment) => segment.sequence >= sequence);
    const dropped = this.#segments.splice(0, keep === -1 ? this.#segments.length : keep);
    return dropped.map((segment) => segment.sequence);
  }
}
