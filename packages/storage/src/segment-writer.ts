import { assertInvariant, messageOf } from '@decoraft/base';
import type { CommitBatch } from './commit-batch.js';
import { DiskRoom, type DiskRoomOptions } from './disk-room.js';
import type { Disk } from './disk.js';
import type { LogChange } from './log-change.js';
import type { LogIndex } from './log-index.js';
import { completeRecord, RECORD_HEADER_BYTES } from './record.js';
import { encodeChange, encodedChangeBytes, encodeOldest, OLDEST_BYTES } from './record-body.js';
import { RecordBuffer } from './record-buffer.js';
import { encodeSeal, sealBytes } from './seal.js';
import {
  createSegment,
  growSegment,
  recycleSegment,
  sealSegment,
  type Segment,
  segmentPath,
} from './segment.js';
import { encodeSegmentHeader, FORMAT_VERSION, SEGMENT_HEADER_BYTES } from './segment-header.js';
import { writeAllDurably } from './whole-file.js';

/** What recovery hands to the writer. */
export interface SegmentState {
  /** The segment that holds the last record; `undefined` before the first. */
  readonly active: Segment | undefined;
  /** The unused segment behind it, if one was prepared. */
  readonly next: Segment | undefined;
  readonly index: LogIndex;
  /** The first segment that is needed, as the active one says; 1 before there is any. */
  readonly oldestSequence: number;
  /** Segments before it whose files are still there. */
  readonly recyclable: readonly number[];
}

export interface SegmentWriterOptions extends DiskRoomOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly salt: number;
  readonly segmentBytes: number;
}

/** Files of segments that are kept for another life; more are removed. */
const MAX_RECYCLABLE = 4;
const NO_BYTES = new Uint8Array();
const EMPTY_RECORD_HEADER = new Uint8Array(RECORD_HEADER_BYTES);
/** Room that is kept for what one more record adds to the seal. A longer seal makes the file longer. */
const SEAL_GROWTH_BYTES = 128;
const FRESH_SEAL_BYTES = RECORD_HEADER_BYTES + SEAL_GROWTH_BYTES;

/**
 * Writes records one behind the other into segments: one durable write each. The segment behind the
 * active one is made ready in the background, so that going over to it costs a commit nothing.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #index: LogIndex;
  readonly #recyclable: number[];
  readonly #room: DiskRoom;
  #active: Segment | undefined;
  #previous: Segment | undefined;
  /** The body of the seal that the previous segment is to get. */
  #seal: Uint8Array | undefined;
  #oldestSequence: number;
  /** The header of the active segment as long as it waits for its first record. */
  #header: Uint8Array | undefined;
  #next: Promise<Segment>;
  /** What stands before a batch in its record. */
  readonly #front = new RecordBuffer();

  constructor(state: SegmentState, options: SegmentWriterOptions) {
    this.#options = options;
    this.#room = new DiskRoom(options);
    this.#active = state.active;
    this.#index = state.index;
    this.#recyclable = [...state.recyclable];
    this.#oldestSequence = state.oldestSequence;
    this.#next = state.next ? Promise.resolve(state.next) : this.#inBackground(this.#prepareNext());
  }

  /** How long a record's body may be to fit into the active segment; negative when none does. */
  room(): number {
    const active = this.#active;
    if (!active) return -1;
    const summary = this.#index.current;
    const kept = OLDEST_BYTES + (summary ? sealBytes(summary) : 0) + FRESH_SEAL_BYTES;
    const taken = active.end + (this.#header?.length ?? 0) + RECORD_HEADER_BYTES;
    return active.bytes - taken - kept;
  }

  /** Goes over to the next segment, in which a body of at least `bodyBytes` will fit. */
  async rollOver(bodyBytes: number, firstIndex: number): Promise<void> {
    assertInvariant(!this.#header, 'a segment is begun with a record before the next one is');
    const prepared = await this.#next;
    const ownBytes = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + OLDEST_BYTES;
    const needed = ownBytes + bodyBytes + FRESH_SEAL_BYTES + FRESH_SEAL_BYTES;
    const next =
      needed > prepared.bytes ? await this.#room.waitFor(() => growSegment(prepared, needed)) : prepared;
    this.#oldestSequence = this.#index.oldest() ?? next.sequence;
    this.#header = encodeSegmentHeader(
      {
        formatVersion: FORMAT_VERSION,
        sequence: next.sequence,
        firstIndex,
        previousEnd: this.#active?.end ?? 0,
        oldestSequence: this.#oldestSequence,
        segmentBytes: next.bytes,
        recycled: next.recycled,
      },
      this.#options.salt,
    );
    const written = this.#index.current;
    this.#seal = written && encodeSeal(written);
    this.#index.begin(next.sequence, firstIndex);
    this.#previous = this.#active;
    this.#active = next;
  }

  /**
   * Makes a batch durable as one record, behind an opening where one is given. It must fit, and the call before this one
   * must have ended well. The batch is not changed any more, and its buffer not used, until this ends.
   */
  async write(batch: CommitBatch, opening: LogChange | undefined): Promise<void> {
    const active = this.#active;
    const openingBytes = opening ? encodedChangeBytes(opening) : 0;
    const fits = active !== undefined && batch.bytes + openingBytes <= this.room();
    assertInvariant(fits, 'a record fits into its segment');
    const changes = opening ? [opening, ...batch.effect] : batch.effect;
    const header = this.#header ?? NO_BYTES;
    const oldest = this.#oldestBehind(changes);
    const front = this.#front.begin().reserve(header.length + RECORD_HEADER_BYTES + openingBytes);
    front.raw(header).raw(EMPTY_RECORD_HEADER);
    if (opening) encodeChange(front, opening);
    const record = batch.encoded().prepend(front.finish());
    if (oldest > this.#oldestSequence) encodeOldest(record.reserve(OLDEST_BYTES), oldest);
    const bytes = record.finish();
    const position = active.end + header.length;
    completeRecord(bytes, header.length, { sequence: active.sequence, position }, this.#options.salt);
    await writeAllDurably(active.file, bytes, active.end);
    active.end += bytes.length;
    for (const change of changes) this.#index.wrote(change, position);
    const frees = oldest > this.#oldestSequence;
    this.#oldestSequence = oldest;
    if (!this.#header && !frees) return;
    const isBegun = this.#header !== undefined;
    this.#header = undefined;
    this.#next = this.#inBackground(isBegun ? this.#finishRollOver() : this.#freeSegments(this.#next));
  }

  /** What waits for room on the disk fails. */
  stopWaiting(): void {
    this.#room.giveUp();
  }

  /** Waits for what runs in the background, then closes the files. */
  async close(): Promise<void> {
    const next = await this.#next.catch(() => undefined);
    const open = new Set([this.#active, this.#previous, next]);
    for (const segment of open) await segment?.file.close();
  }

  /**
   * The first segment that is needed once `changes` are durable. Judged by what was durable before and by where the log
   * will begin: what is dead by that stays dead, whatever else they change.
   */
  #oldestBehind(changes: readonly LogChange[]): number {
    const active = this.#active?.sequence ?? 0;
    let oldest = this.#oldestSequence;
    for (const { beginning } of changes) {
      if (!beginning) continue;
      const first = beginning.keepsEntries ? this.#index.oldest(beginning.index) : undefined;
      oldest = Math.max(oldest, first ?? active);
    }
    return oldest;
  }

  async #finishRollOver(): Promise<Segment> {
    if (this.#previous) {
      const { end, file, sequence } = this.#previous;
      if (this.#seal && sequence >= this.#oldestSequence) {
        await sealSegment(file, { sequence, end, body: this.#seal }, this.#options.salt);
      }
      await file.close();
      this.#previous = undefined;
    }
    this.#recyclable.push(...this.#index.dropBefore(this.#oldestSequence));
    return this.#prepareNext();
  }

  /** Gives back what compaction left without use, behind what is being prepared. */
  async #freeSegments(prepared: Promise<Segment>): Promise<Segment> {
    const next = await prepared;
    this.#recyclable.push(...this.#index.dropBefore(this.#oldestSequence));
    await this.#removeSurplus();
    return next;
  }

  async #removeSurplus(): Promise<void> {
    const { directory, disk } = this.#options;
    for (const surplus of this.#recyclable.splice(0, this.#recyclable.length - MAX_RECYCLABLE)) {
      await disk.remove(segmentPath(directory, surplus));
    }
  }

  async #prepareNext(): Promise<Segment> {
    const { directory, disk, segmentBytes } = this.#options;
    const sequence = (this.#active?.sequence ?? 0) + 1;
    await this.#removeSurplus();
    for (let from = this.#recyclable.shift(); from !== undefined; from = this.#recyclable.shift()) {
      const recycled = await recycleSegment(disk, directory, { from, sequence, segmentBytes });
      if (recycled) return recycled;
    }
    return this.#room.waitFor(() => createSegment(disk, directory, sequence, segmentBytes));
  }

  /** The failure waits for the one who needs the segment; until then it is only told. */
  #inBackground(preparation: Promise<Segment>): Promise<Segment> {
    preparation.catch((error: unknown) => {
      this.#options.logger.log(
        'error',
        `the next segment of the log could not be prepared: ${messageOf(error)}`,
        {
          directory: this.#options.directory,
        },
      );
    });
    return preparation;
  }
}
