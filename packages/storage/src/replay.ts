import { MalformedBytes } from '@decoraft/base';
import type { HardState } from '@decoraft/raft';
import { FIRST_BEGINNING, type LogBeginning, type LogChange, type NewBeginning } from './log-change.js';
import { LogIndex } from './log-index.js';
import { type LogContent, ZERO_HARD_STATE } from './log-view.js';
import type { RecordItem } from './record-body.js';
import type { SegmentSummary } from './segment-summary.js';

const NO_ENTRIES = { entries: [] };

/**
 * Builds the index of the log from its segments in the order in which they were written: the last write of an index
 * wins. A segment is given as a whole by its seal, or record by record. Keeps no entry.
 */
export class Replay {
  readonly index = new LogIndex();
  #beginning: LogBeginning = FIRST_BEGINNING;
  #hardState: HardState = ZERO_HARD_STATE;
  #sealed = false;

  get lastIndex(): number {
    return this.index.lastIndex;
  }

  /** Whether the last record says that the next segment is durable. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** Begins a segment whose records follow. The first may begin anywhere: those before it are needed no more. */
  beginSegment(sequence: number, firstIndex: number): void {
    this.index.begin(sequence, firstIndex);
    this.#sealed = false;
  }

  /** Adds a segment by its seal. Throws `MalformedBytes` when it does not follow on those before it. */
  adopt(summary: SegmentSummary): void {
    const { beginning } = summary;
    if (beginning) this.#checkBeginning(beginning, summary.lastIndex);
    this.index.adopt(summary);
    this.#beginning = beginning ?? this.#beginning;
    this.#sealed = false;
  }

  /** Adds the record at `position`. Throws `MalformedBytes` when it does not follow on those before it. */
  apply(items: readonly RecordItem[], position: number): void {
    for (const item of items) {
      if (this.#sealed) throw new MalformedBytes('a record follows the seal of its segment');
      switch (item.kind) {
        case 'beginning':
          this.#begin(item.beginning, position);
          break;
        case 'entries':
          this.#append(item, position);
          break;
        case 'hardState':
          this.#hardState = item.hardState;
          break;
        case 'oldest':
          break;
        case 'seal':
          this.#sealed = true;
          break;
      }
    }
  }

  /** The log; `undefined` when entries of it are missing. */
  finish(): LogContent | undefined {
    const terms = this.index.termsBehind(this.#beginning.index);
    if (!terms) return undefined;
    return { beginning: this.#beginning, lastIndex: this.lastIndex, terms, hardState: this.#hardState };
  }

  #begin(beginning: NewBeginning, position: number): void {
    this.#checkBeginning(beginning, beginning.keepsEntries ? this.lastIndex : Infinity);
    const { index, term } = beginning;
    this.#beginning = { index, term };
    this.index.wrote({ beginning, ...NO_ENTRIES }, position);
  }

  #checkBeginning({ index }: LogBeginning, lastIndex: number): void {
    if (index >= this.#beginning.index && index <= lastIndex) return;
    throw new MalformedBytes(
      `a record says that the log begins behind index ${index}, the log was ` +
        `[${this.#beginning.index + 1}, ${lastIndex + 1})`,
    );
  }

  #append({ entries }: LogChange, position: number): void {
    const first = entries[0]?.index ?? 0;
    if (first <= this.#beginning.index || first > this.lastIndex + 1) {
      throw new MalformedBytes(`a record begins at index ${first}, the log ends at ${this.lastIndex}`);
    }
    this.index.wrote({ entries }, position);
  }
}
