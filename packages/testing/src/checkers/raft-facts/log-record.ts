import { hashBytes } from '@decoraft/base';
import { type Entry, index, type LogReader } from '@decoraft/raft';

/** What is remembered of an entry: two entries of one index are the same when both agree. */
export interface EntryPrint {
  readonly term: number;
  /** Of kind and data; 32 bits. */
  readonly hash: number;
}

export interface LogChange {
  /** Everything from here on is new, or was read anew; behind the last index when nothing is. */
  readonly from: number;
  /** The first index whose entry was removed or replaced; `undefined` when the log only grew, or was compacted. */
  readonly replacedFrom: number | undefined;
}

const CONFIGURATION_SEED = 0x5eed;

/**
 * What a node's log looked like when it was last looked at. Looking again reads only what is new: from the end backwards
 * up to the first entry that is known, because logs that agree on an index and its term agree before it (§5.3). Where
 * storage itself may have changed something, `reread` looks at everything.
 */
export class LogRecord {
  #first = 1;
  #prints: EntryPrint[] = [];
  #termBefore: number | undefined = 0;
  #configurations: number[] = [];
  /** The very bytes of the last entry, where the store shows the same ones again: they need not be read again. */
  #lastData: Uint8Array | undefined;

  /** The first index that the log holds. */
  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#first + this.#prints.length - 1;
  }

  /** Where entries of kind `configuration` stand, ascending. */
  get configurations(): readonly number[] {
    return this.#configurations;
  }

  print(at: number): EntryPrint | undefined {
    return this.#prints[at - this.#first];
  }

  /** Also of the index before the first, where the log was compacted. */
  term(at: number): number | undefined {
    return at === this.#first - 1 ? this.#termBefore : this.print(at)?.term;
  }

  update(log: LogReader): LogChange {
    const first = log.firstIndex();
    const last = log.lastIndex();
    if (first < this.#first) return this.reread(log);
    let same = Math.min(last, this.last);
    while (same >= first && !this.#isUnchanged(log, same)) same--;
    const kept = Math.max(same, first - 1);
    const replacedFrom = kept < this.last ? kept + 1 : undefined;
    if (first > this.#first) {
      this.#prints.splice(0, first - this.#first);
      this.#first = first;
      this.#configurations = this.#configurations.filter((at) => at >= first);
      this.#termBefore = log.term(index(first - 1));
    }
    this.#replace(kept + 1, kept < last ? log.entries(index(kept + 1), index(last + 1), Infinity) : []);
    return { from: kept + 1, replacedFrom };
  }

  #isUnchanged(log: LogReader, at: number): boolean {
    const print = this.print(at);
    if (log.term(index(at)) !== print?.term) return false;
    const [entry] = log.entries(index(at), index(at + 1), Infinity);
    if (entry === undefined || entry.data === this.#lastData) return entry !== undefined;
    return isSame(printOf(entry), print);
  }

  reread(log: LogReader): LogChange {
    const before = { first: this.#first, last: this.last, prints: this.#prints };
    this.#first = log.firstIndex();
    this.#prints = [];
    this.#configurations = [];
    this.#termBefore = log.term(index(this.#first - 1));
    const last = log.lastIndex();
    if (last >= this.#first) {
      this.#replace(this.#first, log.entries(index(this.#first), index(last + 1), Infinity));
    }
    let at = Math.max(this.#first, before.first);
    while (at <= before.last && isSame(this.print(at), before.prints[at - before.first])) at++;
    return { from: this.#first, replacedFrom: at <= before.last ? at : undefined };
  }

  #replace(from: number, entries: readonly Entry[]): void {
    if (entries.length > 0 || from <= this.last) this.#lastData = entries.at(-1)?.data;
    this.#prints.length = Math.max(0, from - this.#first);
    while ((this.#configurations.at(-1) ?? 0) >= from) this.#configurations.pop();
    for (const entry of entries) {
      this.#prints.push(printOf(entry));
      if (entry.kind === 'configuration') this.#configurations.push(entry.index);
    }
  }
}

export function isSame(left: EntryPrint | undefined, right: EntryPrint | undefined): boolean {
  return left?.term === right?.term && left?.hash === right?.hash;
}

function printOf({ data, kind, term }: Entry): EntryPrint {
  return { term, hash: kind === 'configuration' ? hashBytes(data, CONFIGURATION_SEED) : hashBytes(data) };
}
