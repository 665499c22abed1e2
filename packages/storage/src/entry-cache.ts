import type { Entry, Index, Term } from '@decoraft/raft';

/** What an entry takes in memory beside its data: the object, its fields, the array's place. An estimate. */
const ENTRY_BYTES = 128;
/** Places at the front of the array that may be empty before it is copied. */
const MAX_EMPTY_PLACES = 1_024;

/**
 * The newest entries of the log, without a gap. It does not evict by itself: what is not on the disk yet has no other
 * place, and only its user knows what that is.
 */
export class EntryCache {
  #entries: Entry[] = [];
  /** The places at the front of the array that are empty. */
  #head = 0;
  #firstIndex: number;
  #bytes = 0;

  /** Empty; the first entry to come is at `firstIndex`. */
  constructor(firstIndex: number) {
    this.#firstIndex = firstIndex;
  }

  /** The index of the oldest entry that is here; of the next one to come when there is none. */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  /** About what the entries take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += bytesOf(entry);
  }

  /** The entries from `index` on are gone. */
  cutFrom(index: number): void {
    if (index <= this.#firstIndex) this.#clear(index);
    const length = this.#head + index - this.#firstIndex;
    if (length >= this.#entries.length) return;
    for (const entry of this.#entries.slice(length)) this.#bytes -= bytesOf(entry);
    this.#entries.length = length;
  }

  /** The entries up to `index` are gone. */
  dropThrough(index: number): void {
    if (index - this.#firstIndex + 1 >= this.#entries.length - this.#head) {
      if (index >= this.#firstIndex) this.#clear(index + 1);
      return;
    }
    while (this.#firstIndex <= index) this.#dropFirst();
    this.#tidy();
  }

  /** Nothing is here; the next entry to come is at `firstIndex`. */
  restart(firstIndex: number): void {
    this.#clear(firstIndex);
  }

  /** Drops the oldest entries, up to `through` at most, until no more than `maxBytes` are taken. */
  evict(maxBytes: number, through: number): void {
    while (this.#bytes > maxBytes && this.#firstIndex <= through && this.#head < this.#entries.length) {
      this.#dropFirst();
    }
    this.#tidy();
  }

  /**
   * The entries from `from`, which is here, up to, not including, `to`: as many as fit into `maxBytes` of data, and at
   * least `atLeast`.
   */
  slice(from: number, to: number, maxBytes: number, atLeast: 0 | 1): readonly Entry[] {
    const start = this.#head + from - this.#firstIndex;
    const limit = this.#head + to - this.#firstIndex;
    let end = start;
    let bytes = 0;
    while (end < limit) {
      bytes += this.#entries[end]?.data.length ?? 0;
      if (bytes > maxBytes && end >= start + atLeast) break;
      end++;
    }
    return this.#entries.slice(start, end);
  }

  #dropFirst(): void {
    const entry = this.#entries[this.#head];
    if (!entry) return;
    this.#bytes -= bytesOf(entry);
    this.#entries[this.#head] = EMPTY_PLACE;
    this.#head++;
    this.#firstIndex++;
  }

  /** Gives the empty places back, once they are as many as the others: every entry is copied about once. */
  #tidy(): void {
    if (this.#head < MAX_EMPTY_PLACES || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }

  #clear(firstIndex: number): void {
    this.#entries = [];
    this.#head = 0;
    this.#firstIndex = firstIndex;
    this.#bytes = 0;
  }
}

/** Holds no data that the array would keep alive. */
const EMPTY_PLACE: Entry = {
  index: 0 as Index,
  term: 0 as Term,
  kind: 'normal',
  data: new Uint8Array(),
};

function bytesOf({ data }: Entry): number {
  return data.length + ENTRY_BYTES;
}
