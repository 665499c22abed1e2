import type { EntryPrint } from './log-record.js';

export interface Commitment extends EntryPrint {
  /** The first node that was seen to know it. */
  readonly node: string;
  /** That node's term then: the entry was committed in this term or an earlier one. */
  readonly inTerm: number;
}

/** What any node was ever seen to have committed: the one log that there may be. */
export class CommittedLog {
  readonly #commitments: (Commitment | undefined)[] = [];

  /** The highest index that was ever committed; 0 for none. */
  get last(): number {
    return Math.max(0, this.#commitments.length - 1);
  }

  at(index: number): Commitment | undefined {
    return this.#commitments[index];
  }

  /** Remembers the first commitment of an index. */
  add(index: number, commitment: Commitment): void {
    this.#commitments[index] ??= commitment;
  }
}
