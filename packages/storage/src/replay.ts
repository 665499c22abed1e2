import { MalformedBytes } from '@decoraft/base';
import type { Entry, HardState } from '@decoraft/raft';
import { LiveSegments } from './live-segments.js';
import { LogView, ZERO_HARD_STATE } from './log-view.js';
import { decodeBody } from './record-body.js';

/** Builds the log from its records in the order in which they were written: the last write of an index wins. */
export class Replay {
  readonly live = new LiveSegments();
  /** The index of the first entry below. The entries before it were written again later, or there are none. */
  #base = 1;
  #entries: Entry[] = [];
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

  /** The log; `undefined` when its beginning is missing. */
  finish(): LogView | undefined {
    if (this.#base !== 1 && this.#entries.length > 0) return undefined;
    return new LogView(this.#entries, this.#hardState);
  }

  #append(entries: readonly Entry[]): void {
    const first = entries[0]?.index ?? 0;
    if (first < 1 || first > this.lastIndex + 1) {
      throw new MalformedBytes(`a record begins at index ${first}, the log ends at ${this.lastIndex}`);
    }
    this.#base = Math.min(this.#base, first);
    this.#entries.length = first - this.#base;
    for (const entry of entries) this.#entries.push(entry);
    this.live.wrote(entries);
  }
}
