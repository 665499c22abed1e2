import { MalformedBytes } from '@decoraft/base';
import type { Disk } from './disk.js';
import type { LogView } from './log-view.js';
import type { LiveSegments } from './live-segments.js';
import { unknownFormat } from './metadata.js';
import { findRecordHeader, readRecord, type RecordPlace } from './record.js';
import { Replay } from './replay.js';
import { segmentPath, sequenceOf } from './segment.js';
import {
  decodeSegmentHeader,
  isKnownFormat,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './segment-header.js';
import { corrupted } from './storage-error.js';
import { lengthWithoutTrailingZeros, readAll } from './whole-file.js';

/** The segment that holds the last record. */
export interface LastSegment {
  readonly header: SegmentHeader;
  /** Where the last record begins, and where it ends. */
  readonly lastRecord: number;
  readonly end: number;
  /** Whether it is the first of the segment as well, and was written together with the header. */
  readonly isFirstRecord: boolean;
  /** Bytes behind the end, up to the last that is not zero. */
  readonly leftover: number;
}

/** A segment behind the last record: prepared for use, or begun with a record that did not become durable. */
export interface UnusedSegment {
  readonly sequence: number;
  readonly bytes: number;
  /** Bytes up to the last that is not zero. */
  readonly leftover: number;
}

/** What the segments of a directory say. Found out by reading alone. */
export interface RecoveredLog {
  readonly view: LogView;
  readonly live: LiveSegments;
  readonly last: LastSegment | undefined;
  readonly unused: UnusedSegment | undefined;
  readonly oldestSequence: number;
  /** Segments before the oldest that is needed. */
  readonly recyclable: readonly number[];
}

export interface RecoverySource {
  readonly disk: Disk;
  readonly directory: string;
  readonly salt: number;
}

/** A segment file as it was found. */
interface Found {
  readonly sequence: number;
  readonly path: string;
  readonly bytes: number;
  /** `undefined` when there is none that can be read. */
  readonly header: SegmentHeader | undefined;
}

/**
 * Reads the log. What was being written when the process or the machine stopped is left out: it is the last thing,
 * nothing follows it. Any other damage rejects with `Corrupted`, naming file and byte; an unknown format version
 * with `Unimplemented`. Changes nothing.
 */
export async function recoverLog(source: RecoverySource): Promise<RecoveredLog> {
  const found = await survey(source);
  const last = await findLast(source, found);
  const unused = await readUnused(source, found, last);
  const oldestSequence = last?.header.oldestSequence ?? 1;
  const replay = new Replay(found.get(oldestSequence)?.header?.firstIndex ?? 1);
  const needed = last ? checkNeeded(source, found, last.header) : [];
  let recoveredLast: LastSegment | undefined;
  for (const [at, segment] of needed.entries()) {
    recoveredLast = await replaySegment(source, replay, segment, needed[at + 1]);
  }
  const lastSequence = last?.sequence ?? 0;
  if (replay.sealed) {
    const problem = 'the segment is missing or damaged, though the one before it says that it was begun';
    throw corrupted(segmentPath(source.directory, lastSequence + 1), 0, problem);
  }
  const view = replay.finish();
  const oldestPath = segmentPath(source.directory, oldestSequence);
  if (!view) throw corrupted(oldestPath, 0, 'the beginning of the log is missing');
  const recyclable = [...found.keys()].filter((sequence) => sequence < oldestSequence);
  return { view, live: replay.live, last: recoveredLast, unused, oldestSequence, recyclable };
}

/** All segments by number, oldest first. */
async function survey(source: RecoverySource): Promise<ReadonlyMap<number, Found>> {
  const names = await source.disk.list(source.directory);
  const sequences = names.map(sequenceOf).filter((sequence) => sequence !== undefined);
  const found = new Map<number, Found>();
  for (const sequence of sequences.toSorted((left, right) => left - right)) {
    const path = segmentPath(source.directory, sequence);
    const { bytes, content } = await readSegment(source, sequence, SEGMENT_HEADER_BYTES);
    const header = decodeSegmentHeader(content, source.salt);
    if (header) checkHeader(path, sequence, header, bytes);
    found.set(sequence, { sequence, path, bytes, header });
  }
  return found;
}

function checkHeader(path: string, sequence: number, header: SegmentHeader, bytes: number): void {
  if (!isKnownFormat(header.formatVersion)) throw unknownFormat(path, header.formatVersion);
  if (header.sequence !== sequence) {
    throw corrupted(path, 0, `the file holds segment ${header.sequence}, its name says ${sequence}`);
  }
  if (bytes < header.segmentBytes) {
    throw corrupted(path, bytes, `the file ends here, it should have ${header.segmentBytes} bytes`);
  }
}

/** The last segment that was begun: its header and its first record, which were written together, are there. */
async function findLast(
  source: RecoverySource,
  found: ReadonlyMap<number, Found>,
): Promise<Begun | undefined> {
  const begun = [...found.values()].filter(isBegun);
  const candidate = begun.pop();
  if (!candidate) return undefined;
  const { content } = await readSegment(source, candidate.sequence);
  const place = { sequence: candidate.sequence, position: SEGMENT_HEADER_BYTES };
  if (readRecord(content, place, source.salt)) return candidate;
  const follower = found.get(candidate.sequence + 1) ?? findRecordHeader(content, next(place), source.salt);
  if (follower !== undefined) {
    throw corrupted(candidate.path, place.position, 'the first record is damaged, and others follow it');
  }
  return begun.pop();
}

interface Begun extends Found {
  readonly header: SegmentHeader;
}

function isBegun(segment: Found): segment is Begun {
  return segment.header !== undefined;
}

/** At most one segment is behind the last, and it has no record: one is prepared at a time. */
async function readUnused(
  source: RecoverySource,
  found: ReadonlyMap<number, Found>,
  last: Found | undefined,
): Promise<UnusedSegment | undefined> {
  const first = (last?.sequence ?? 0) + 1;
  const [candidate, surplus] = [...found.values()].filter(({ sequence }) => sequence >= first);
  if (!candidate) return undefined;
  if (candidate.sequence !== first) {
    throw corrupted(segmentPath(source.directory, first), 0, 'the segment is missing, others follow it');
  }
  const { bytes, content } = await readSegment(source, first);
  const place = { sequence: first, position: candidate.header ? SEGMENT_HEADER_BYTES + 1 : 0 };
  if (surplus ?? findRecordHeader(content, place, source.salt)) {
    throw corrupted(candidate.path, 0, 'the header of the segment is damaged, and others follow it');
  }
  return { sequence: first, bytes, leftover: lengthWithoutTrailingZeros(content) };
}

/** The segments from the oldest to the last, none missing and none without a header. */
function checkNeeded(
  source: RecoverySource,
  found: ReadonlyMap<number, Found>,
  last: SegmentHeader,
): readonly Begun[] {
  const needed: Begun[] = [];
  for (let sequence = last.oldestSequence; sequence <= last.sequence; sequence++) {
    const segment = found.get(sequence);
    if (!segment) {
      throw corrupted(segmentPath(source.directory, sequence), 0, 'the segment is missing, others follow it');
    }
    if (!isBegun(segment)) {
      throw corrupted(segment.path, 0, 'the header of the segment is damaged, and others follow it');
    }
    needed.push(segment);
  }
  return needed;
}

/** Replays one segment: up to where its follower says that it ends, or as far as the log goes. */
async function replaySegment(
  source: RecoverySource,
  replay: Replay,
  { sequence, path, header }: Begun,
  follower: Begun | undefined,
): Promise<LastSegment> {
  const { content } = await readSegment(source, sequence);
  replay.beginSegment(sequence);
  if (header.firstIndex !== replay.lastIndex + 1) {
    const problem = `the segment begins at index ${header.firstIndex}, the log ends at ${replay.lastIndex}`;
    throw corrupted(path, 0, problem);
  }
  const until = follower?.header.previousEnd ?? Infinity;
  let lastRecord = 0;
  let position = SEGMENT_HEADER_BYTES;
  while (position < until) {
    const body = readRecord(content, { sequence, position }, source.salt);
    if (!body) break;
    applyRecord(replay, body, path, position);
    if (replay.sealed) break;
    lastRecord = position;
    position = body.byteOffset - content.byteOffset + body.length;
  }
  const isDamaged = follower
    ? position !== until
    : findRecordHeader(content, next({ sequence, position }), source.salt) !== undefined;
  if (isDamaged) throw corrupted(path, position, 'the record is damaged, and others follow it');
  const leftover = lengthWithoutTrailingZeros(content.subarray(position));
  return { header, lastRecord, end: position, isFirstRecord: lastRecord === SEGMENT_HEADER_BYTES, leftover };
}

function applyRecord(replay: Replay, body: Uint8Array, path: string, position: number): void {
  try {
    replay.apply(body);
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw corrupted(path, position, error.message, error);
  }
}

async function readSegment(
  { disk, directory }: RecoverySource,
  sequence: number,
  count = Infinity,
): Promise<{ readonly bytes: number; readonly content: Uint8Array }> {
  const file = await disk.open(segmentPath(directory, sequence), 'existing');
  try {
    const bytes = await file.size();
    return { bytes, content: await readAll(file, 0, Math.min(bytes, count)) };
  } finally {
    await file.close();
  }
}

function next({ sequence, position }: RecordPlace): RecordPlace {
  return { sequence, position: position + 1 };
}
