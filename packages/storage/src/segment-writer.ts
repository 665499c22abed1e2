import { assertInvariant, type Logger, messageOf } from '@decoraft/base';
import type { Disk } from './disk.js';
import type { LiveSegments } from './live-segments.js';
import type { LogChange } from './log-change.js';
import { completeRecord, RECORD_HEADER_BYTES } from './record.js';
import { encodeChange, SEAL_BODY } from './record-body.js';
import { RecordBuffer } from './record-buffer.js';
import { createSegment, growSegment, recycleSegment, type Segment, segmentPath } from './segment.js';
import { encodeSegmentHeader, FORMAT_VERSION, SEGMENT_HEADER_BYTES } from './segment-header.js';
import { writeAll } from './whole-file.js';

/** What recovery hands to the writer. */
export interface SegmentState {
  /** The segment that holds the last record; `undefined` before the first. */
  readonly active: Segment | undefined;
  /** The unused segment behind it, if one was prepared. */
  readonly next: Segment | undefined;
  readonly live: LiveSegments;
  /** The first segment of the log, as the active one says; 1 before there is any. */
  readonly oldestSequence: number;
  /** Segments before it whose files are still there. */
  readonly recyclable: readonly number[];
}

export interface SegmentWriterOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  readonly salt: number;
  readonly segmentBytes: number;
}

/** Files of segments that are kept for another life; more are removed. */
const MAX_RECYCLABLE = 4;
const NO_BYTES = new Uint8Array();
const EMPTY_RECORD_HEADER = new Uint8Array(RECORD_HEADER_BYTES);
const SEAL_BYTES = RECORD_HEADER_BYTES + SEAL_BODY.length;

/**
 * Writes records one behind the other into segments: one write and one fdatasync each. The segment behind the
 * active one is made ready in the background, so that going over to it costs a commit nothing.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #live: LiveSegments;
  readonly #recyclable: number[];
  #active: Segment | undefined;
  #previous: Segment | undefined;
  #oldestSequence: number;
  /** The header of the active segment as long as it waits for its first record. */
  #header: Uint8Array | undefined;
  #next: Promise<Segment>;
  /** Free again when the write that was given it ended; a seal is written beside it and brings its own. */
  readonly #record = new RecordBuffer();

  constructor(state: SegmentState, options: SegmentWriterOptions) {
    this.#options = options;
    this.#active = state.active;
    this.#live = state.live;
    this.#recyclable = [...state.recyclable];
    this.#oldestSequence = state.oldestSequence;
    this.#next = state.next ? Promise.resolve(state.next) : this.#inBackground(this.#prepareNext());
  }

  /** How long a record's body may be to fit into the active segment; negative when none does. */
  room(): number {
    const active = this.#active;
    if (!active) return -1;
    const taken = active.end + (this.#header?.length ?? 0) + RECORD_HEADER_BYTES + SEAL_BYTES;
    return active.bytes - taken;
  }

  /** Goes over to the next segment, in which a body of at least `bodyBytes` will fit. */
  async rollOver(bodyBytes: number, firstIndex: number): Promise<void> {
    assertInvariant(!this.#header, 'a segment is begun with a record before the next one is');
    const prepared = await this.#next;
    const needed = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + bodyBytes + SEAL_BYTES;
    const next = needed > prepared.bytes ? await growSegment(prepared, needed) : prepared;
    this.#oldestSequence = this.#live.oldest() ?? next.sequence;
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
    this.#live.begin(next.sequence);
    this.#previous = this.#active;
    this.#active = next;
  }

  /**
   * Makes `changes` durable as one record, whose body is `bodyBytes` long. It must fit, and the call before this one
   * must have ended well.
   */
  async write(changes: readonly LogChange[], bodyBytes: number): Promise<void> {
    const active = this.#active;
    assertInvariant(active !== undefined && bodyBytes <= this.room(), 'a record fits into its segment');
    const header = this.#header ?? NO_BYTES;
    const record = this.#record.begin(header.length + RECORD_HEADER_BYTES + bodyBytes);
    record.raw(header).raw(EMPTY_RECORD_HEADER);
    for (const change of changes) encodeChange(record, change);
    const bytes = record.finish();
    this.#complete(bytes, active, header.length);
    await writeAll(active.file, bytes, active.end);
    await active.file.fdatasync();
    active.end += bytes.length;
    for (const change of changes) this.#live.wrote(change);
    if (!this.#header) return;
    this.#header = undefined;
    this.#next = this.#inBackground(this.#finishRollOver());
  }

  /** Waits for what runs in the background, then closes the files. */
  async close(): Promise<void> {
    const next = await this.#next.catch(() => undefined);
    const open = new Set([this.#active, this.#previous, next]);
    for (const segment of open) await segment?.file.close();
  }

  /** Completes the record in `bytes` that begins at `start`; all of them go to the end of `segment`. */
  #complete(bytes: Uint8Array, segment: Segment, start: number): void {
    const place = { sequence: segment.sequence, position: segment.end + start };
    completeRecord(bytes, start, place, this.#options.salt);
  }

  async #finishRollOver(): Promise<Segment> {
    if (this.#previous) {
      if (this.#previous.sequence >= this.#oldestSequence) await this.#seal(this.#previous);
      await this.#previous.file.close();
      this.#previous = undefined;
    }
    this.#recyclable.push(...this.#live.dropBefore(this.#oldestSequence));
    return this.#prepareNext();
  }

  /** Says in a segment that the one behind it is durable, so that its loss is noticed even if it is the last. */
  async #seal(segment: Segment): Promise<void> {
    const bytes = new Uint8Array(SEAL_BYTES);
    bytes.set(SEAL_BODY, RECORD_HEADER_BYTES);
    this.#complete(bytes, segment, 0);
    await writeAll(segment.file, bytes, segment.end);
    await segment.file.fdatasync();
  }

  async #prepareNext(): Promise<Segment> {
    const { directory, disk, segmentBytes } = this.#options;
    const sequence = (this.#active?.sequence ?? 0) + 1;
    for (const surplus of this.#recyclable.splice(0, this.#recyclable.length - MAX_RECYCLABLE)) {
      await disk.remove(segmentPath(directory, surplus));
    }
    for (let from = this.#recyclable.shift(); from !== undefined; from = this.#recyclable.shift()) {
      const recycled = await recycleSegment(disk, directory, { from, sequence, segmentBytes });
      if (recycled) return recycled;
    }
    return createSegment(disk, directory, sequence, segmentBytes);
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
