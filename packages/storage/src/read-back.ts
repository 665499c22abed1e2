import type { Entry } from '@decoraft/raft';
import type { Disk, ReadOnlyFile } from './disk.js';
import type { EntryPlace, LogIndex } from './log-index.js';
import type { ReadBack } from './log-view.js';
import { readRecord, readRecordLength, type RecordPlace } from './record.js';
import { decodeBody, type RecordItem } from './record-body.js';
import { checked } from './segment-scan.js';
import { segmentPath } from './segment.js';
import { corrupted, systemCode } from './storage-error.js';

export interface ReadBackOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly salt: number;
  /** Of what is durable. */
  readonly index: LogIndex;
}

/** Read at once; a record that is longer is read as a whole. */
const WINDOW_BYTES = 128 << 10;
/** Enough for a record that several changes share. */
const MAX_KEPT_BYTES = 1_100 << 10;

/**
 * Reads entries from their segments again, at once and not in the background: the core asks for them in the middle of
 * a step. A call reads no more than is asked for, and beside it a step of the index (64 KiB), one record and a window.
 *
 * Every record is verified by its checksum, and each entry must be the one that the index says. Throws `Corrupted`
 * otherwise, or the system's error.
 */
export function readBackFrom(options: ReadBackOptions): ReadBack {
  const scratch = new Scratch();
  return (from, to, maxBytes) => {
    const wanted = new Wanted(from, to, maxBytes);
    while (!wanted.isComplete) {
      const place = options.index.locate(wanted.next);
      if (!place) throw corrupted(options.directory, 0, `no segment holds the entry ${wanted.next}`);
      readPlace(options, place, wanted, scratch);
    }
    return wanted.entries;
  };
}

function readPlace(options: ReadBackOptions, place: EntryPlace, wanted: Wanted, scratch: Scratch): void {
  const path = segmentPath(options.directory, place.sequence);
  const file = openExisting(options.disk, path);
  try {
    const records = new RecordWindow(file, path, options.salt, scratch);
    let { position } = place;
    while (!wanted.isComplete && wanted.next < place.until) {
      const body = records.bodyAt({ sequence: place.sequence, position });
      const held = lastWritten(checked(path, position, () => decodeBody(body)));
      for (const entry of held) {
        if (entry.index >= place.until || wanted.isComplete) break;
        if (entry.index < wanted.next) continue;
        checkEntry(entry, { index: wanted.next, term: place.terms.termAt(wanted.next) }, path, position);
        wanted.take(entry);
      }
      position = records.end;
    }
  } finally {
    file.close();
  }
}

function openExisting(disk: Disk, path: string): ReadOnlyFile {
  try {
    return disk.openForReading(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw corrupted(path, 0, 'the segment is missing, and entries in it are needed', error);
  }
}

/** The entries that a record leaves behind: within it, too, the last write of an index wins. */
function lastWritten(items: readonly RecordItem[]): readonly Entry[] {
  let held: Entry[] = [];
  for (const item of items) {
    if (item.kind === 'beginning' && !item.beginning.keepsEntries) held = [];
    if (item.kind !== 'entries') continue;
    const first = item.entries[0]?.index ?? 0;
    const place = first - (held[0]?.index ?? first);
    held = place > 0 ? held.slice(0, place).concat(item.entries) : [...item.entries];
  }
  return held;
}

interface Expected {
  readonly index: number;
  readonly term: number | undefined;
}

function checkEntry(entry: Entry, { index, term }: Expected, path: string, position: number): void {
  if (entry.index === index && entry.term === term) return;
  const problem = `the record holds entry ${entry.index} of term ${entry.term}, where ${index} of term ${term} should be`;
  throw corrupted(path, position, problem);
}

/** The entries that were asked for, as far as they were found. */
class Wanted {
  readonly entries: Entry[] = [];
  next: number;
  readonly #to: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #isFull = false;

  constructor(from: number, to: number, maxBytes: number) {
    this.next = from;
    this.#to = to;
    this.#maxBytes = maxBytes;
  }

  get isComplete(): boolean {
    return this.#isFull || this.next >= this.#to;
  }

  take(entry: Entry): void {
    this.#bytes += entry.data.length;
    this.#isFull = this.#bytes > this.#maxBytes && this.entries.length > 0;
    if (this.#isFull) return;
    // A copy: a view would keep all that was read alive for as long as the entry lives.
    this.entries.push({ ...entry, data: entry.data.slice() });
    this.next++;
  }
}

/** Memory that is used for one reading after the other; none before the first, which many logs never see. */
class Scratch {
  #bytes = new Uint8Array();

  take(length: number): Uint8Array {
    if (length > MAX_KEPT_BYTES) return new Uint8Array(length);
    if (length > this.#bytes.length) {
      this.#bytes = new Uint8Array(length > WINDOW_BYTES ? MAX_KEPT_BYTES : WINDOW_BYTES);
    }
    return this.#bytes.subarray(0, length);
  }
}

/** A part of a segment in memory, from which records are taken. */
class RecordWindow {
  /** Where the record ends that was taken last. */
  end = 0;
  readonly #file: ReadOnlyFile;
  readonly #path: string;
  readonly #salt: number;
  readonly #scratch: Scratch;
  #bytes: Uint8Array = new Uint8Array();
  #base = 0;

  constructor(file: ReadOnlyFile, path: string, salt: number, scratch: Scratch) {
    this.#file = file;
    this.#path = path;
    this.#salt = salt;
    this.#scratch = scratch;
  }

  /** The body of a record that is there; valid until the next call. */
  bodyAt(place: RecordPlace): Uint8Array {
    const { position } = place;
    let length = readRecordLength(this.#bytes, place, this.#salt, this.#base);
    if (length === undefined || position + length > this.#base + this.#bytes.length) {
      this.#fill(WINDOW_BYTES, position);
      length = readRecordLength(this.#bytes, place, this.#salt, this.#base) ?? 0;
      if (length > this.#bytes.length) this.#fill(length, position);
    }
    const body = readRecord(this.#bytes, place, this.#salt, this.#base);
    if (!body) throw corrupted(this.#path, position, 'the record is damaged');
    this.end = position + length;
    return body;
  }

  #fill(length: number, position: number): void {
    const target = this.#scratch.take(length);
    let filled = 0;
    while (filled < target.length) {
      const count = this.#file.read(target.subarray(filled), position + filled);
      if (count <= 0) break;
      filled += count;
    }
    this.#bytes = target.subarray(0, filled);
    this.#base = position;
  }
}
