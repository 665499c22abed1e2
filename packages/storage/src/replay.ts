import { MalformedBytes } from '@decoraft/base';
import type { Entry, HardState } from '@decoraft/raft';
import { LiveSegments } from './live-segments.js';
import { FIRST_BEGINNING, type LogBeginning, type NewBeginning } from './log-change.js';
import { LogView, ZERO_HARD_STATE } from './log-view.js';
import { decodeBody } from './record-body.js';

/** Builds the log from its records in the order in which they were written: the last write of an index wins. */
export class Replay {
  readonly live = new LiveSegments();
  /** The index of the first entry below. Entries before it were dropped, or are written again by a later record. */
  #base = 1;
  #entries: Entry[] = [];
  #beginning: LogBeginning = FIRST_BEGINNING;
  #hardState: HardState = ZERO_HARD_STATE;
  #sealed = false;

  /** Starts in a segment whose predecessors, if any, are needed no more. */
  constructor(firstIndex: number) {
    this.#base = firstIndex;
  }

  get lastIndex(): number {
    return this.#base + this.#entries.length - 1;
  }

  /** Whether the last record says that the next segment is durable. */
  get sealed(): boolean {
    return this.#sealed;
  }

  beginSegment(sequence: number): void {
    this.live.begin(sequence);
    this.#sealed = false;
  }

  /** Throws `MalformedBytes` when the record does not follow on those before it. */
  apply(body: Uint8Array): void {
    for (const item of decodeBody(body)) {
      if (this.#sealed) throw new MalformedBytes('a record follows the seal of its segment');
      switch (item.kind) {
        case 'beginning':
          this.#begin(item.beginning);
          break;
        case 'entries':
          this.#append(item.entries);
          break;
        case 'hardState':
          this.#hardState = item.hardState;
          break;
        case 'seal':
          this.#sealed = true;
          break;
      }
    }
  }

  /** The log; `undefined` when entries at its beginning are missing. */
  finish(): LogView | undefined {
    if (this.#base !== this.#beginning.index + 1) return undefined;
    return new LogView({ beginning: this.#beginning, entries: this.#entries, hardState: this.#hardState });
  }

  #begin(beginning: NewBeginning): void {
    const { index, keepsEntries } = beginning;
    if (index < this.#beginning.index || (keepsEntries && index > this.lastIndex)) {
      throw new MalformedBytes(
        `a record says that the log begins behind index ${index}, the log was ` +
          `[${this.#beginning.index + 1}, ${this.lastIndex + 1})`,
      );
    }
    if (!keepsEntries) this.#entries = [];
    else if (index >= this.#base) this.#entries = this.#entries.slice(index + 1 - this.#base);
    if (!keepsEntries || index >= this.#base) this.#base = index + 1;
    this.#beginning = beginning;
    this.live.wrote({ beginning, entries: [] });
  }

  #append(entries: readonly Entry[]): void {
    const first = entries[0]?.index ?? 0;
    if (first <= this.#beginning.index || first > this.lastIndex + 1) {
      throw new MalformedBytes(`a record begins at index ${first}, the log ends at ${this.lastIndex}`);
    }
    this.#base = Math.min(this.#base, first);
    this.#entries.length = first - this.#base;
    for (const entry of entries) this.#entries.push(entry);
    this.live.wrote({ entries });
  }
}
