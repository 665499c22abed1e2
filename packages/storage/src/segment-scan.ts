import { MalformedBytes } from '@decoraft/base';
import { findRecordHeader, readRecord } from './record.js';
import { decodeBody, type RecordItem } from './record-body.js';
import { SEGMENT_HEADER_BYTES } from './segment-header.js';
import { corrupted } from './storage-error.js';

/** The content of a segment, all of it. */
export interface SegmentBytes {
  readonly path: string;
  readonly sequence: number;
  readonly content: Uint8Array;
}

export interface ScannedRecord {
  readonly position: number;
  readonly items: readonly RecordItem[];
}

export interface ScannedSegment {
  /** With the seal, if there is one. */
  readonly records: readonly ScannedRecord[];
  /** Where the last record ends; the seal is behind it. */
  readonly end: number;
  /** Where the last record begins that is no seal; 0 without one. */
  readonly lastRecord: number;
}

/** Reads records up to the position `until`, or as far as they go. Throws `Corrupted` for one that says nonsense. */
export function scanSegment(segment: SegmentBytes, salt: number, until = Infinity): ScannedSegment {
  const { content, path, sequence } = segment;
  const records: ScannedRecord[] = [];
  let lastRecord = 0;
  let position = SEGMENT_HEADER_BYTES;
  while (position < until) {
    const body = readRecord(content, { sequence, position }, salt);
    if (!body) break;
    const items = checked(path, position, () => decodeBody(body));
    records.push({ position, items });
    if (items.some(({ kind }) => kind === 'seal')) break;
    lastRecord = position;
    position = body.byteOffset - content.byteOffset + body.length;
  }
  return { records, end: position, lastRecord };
}

/** Whether a record was begun behind the byte `position`: what is bad there had been durable. */
export function isFollowed({ content, sequence }: SegmentBytes, position: number, salt: number): boolean {
  return findRecordHeader(content, { sequence, position: position + 1 }, salt) !== undefined;
}

/** Does `read`; what it finds malformed is damage at `position` of the file. */
export function checked<Result>(path: string, position: number, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw corrupted(path, position, error.message, error);
  }
}
