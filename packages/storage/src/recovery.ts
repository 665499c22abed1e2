import type { LogIndex } from './log-index.js';
import type { LogContent } from './log-view.js';
import { Replay } from './replay.js';
import { readSeal } from './sealed-segment.js';
import { encodeSeal } from './seal.js';
import { segmentPath } from './segment.js';
import { SEALED_WITH_INDEX_SINCE, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.js';
import { checked, isFollowed, type ScannedSegment, scanSegment } from './segment-scan.js';
import {
  type Begun,
  checkNeeded,
  findLastSegment,
  readSegment,
  readUnusedSegment,
  type RecoverySource,
  surveySegments,
  type UnusedSegment,
} from './segment-survey.js';
import { corrupted } from './storage-error.js';
import { lengthWithoutTrailingZeros } from './whole-file.js';

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

/** The segment before the last one, when it was not sealed before the process stopped. */
export interface UnsealedSegment {
  readonly sequence: number;
  readonly end: number;
  /** The body of the seal that it should have there. */
  readonly seal: Uint8Array;
}

/** What the segments of a directory say. Found out by reading alone. */
export interface RecoveredLog {
  readonly content: LogContent;
  readonly index: LogIndex;
  readonly last: LastSegment | undefined;
  readonly unsealed: UnsealedSegment | undefined;
  readonly unused: UnusedSegment | undefined;
  readonly oldestSequence: number;
  /** Segments before the oldest that is needed. */
  readonly recyclable: readonly number[];
}

/**
 * Reads the log: the headers and seals of its segments, and all of the last one. What was being written when the
 * process or the machine stopped is left out: it is the last thing, nothing follows it. Any other damage that shows
 * rejects with `Corrupted`, naming file and byte; an unknown format version with `Unimplemented`. Damage to records
 * before the last segment shows when they are read. Changes nothing.
 */
export async function recoverLog(source: RecoverySource): Promise<RecoveredLog> {
  const found = await surveySegments(source);
  const last = await findLastSegment(source, found);
  const unused = await readUnusedSegment(source, found, last);
  const replay = new Replay();
  if (!last)
    return finish(source, replay, { last: undefined, unsealed: undefined, unused, recyclable: [] }, 1);

  const scanned = scanSegment(last, source.salt);
  if (isFollowed(last, scanned.end, source.salt)) throw damagedRecord(last.path, scanned.end);
  const oldest = oldestNeeded(last.header, scanned);
  const needed = checkNeeded(source, found, oldest, last);
  let unsealed: UnsealedSegment | undefined;
  for (const [at, segment] of needed.entries()) {
    const follower = needed[at + 1] ?? last;
    if (at > 0) checkFirstIndex(replay, segment);
    unsealed = await addSegment(source, replay, segment, { follower, isBeforeLast: follower === last });
  }
  if (needed.length > 0) checkFirstIndex(replay, last);
  addRecords(replay, last, scanned);
  if (replay.sealed) {
    const problem = 'the segment is missing or damaged, though the one before it says that it was begun';
    throw corrupted(segmentPath(source.directory, last.sequence + 1), 0, problem);
  }
  const recyclable = [...found.keys()].filter((sequence) => sequence < oldest);
  return finish(source, replay, { last: lastSegmentOf(last, scanned), unsealed, unused, recyclable }, oldest);
}

type Findings = Pick<RecoveredLog, 'last' | 'unsealed' | 'unused' | 'recyclable'>;

function finish(
  { directory }: RecoverySource,
  replay: Replay,
  findings: Findings,
  oldestSequence: number,
): RecoveredLog {
  const content = replay.finish();
  if (!content) {
    throw corrupted(
      segmentPath(directory, oldestSequence),
      0,
      'entries at the beginning of the log are missing',
    );
  }
  return { ...findings, content, index: replay.index, oldestSequence };
}

/** As the last segment says: in its header, or in a record that came later. */
function oldestNeeded(header: SegmentHeader, { records }: ScannedSegment): number {
  let oldest = header.oldestSequence;
  for (const { items } of records) {
    for (const item of items) if (item.kind === 'oldest') oldest = Math.max(oldest, item.sequence);
  }
  return oldest;
}

/** Adds a segment that is not the last one: by its seal, or else by all of its records, which were all durable. */
async function addSegment(
  source: RecoverySource,
  replay: Replay,
  segment: Begun,
  { follower, isBeforeLast }: { readonly follower: Begun; readonly isBeforeLast: boolean },
): Promise<UnsealedSegment | undefined> {
  const { header, path, sequence } = segment;
  const end = follower.header.previousEnd;
  const summary = await readSeal(source, segment, end);
  if (summary) {
    checked(path, end, () => replay.adopt(summary));
    return undefined;
  }
  // A segment is sealed before the second one behind it is begun.
  if (!isBeforeLast && header.formatVersion >= SEALED_WITH_INDEX_SINCE) {
    throw corrupted(path, end, 'the seal of the segment is damaged');
  }
  const { content } = await readSegment(source, path);
  const scanned = scanSegment({ ...segment, content }, source.salt, end);
  if (scanned.end !== end) throw damagedRecord(path, scanned.end);
  addRecords(replay, segment, scanned);
  const written = replay.index.current;
  return isBeforeLast && written ? { sequence, end, seal: encodeSeal(written) } : undefined;
}

function addRecords(replay: Replay, { header, path, sequence }: Begun, { records }: ScannedSegment): void {
  replay.beginSegment(sequence, header.firstIndex);
  for (const { items, position } of records) checked(path, position, () => replay.apply(items, position));
}

function checkFirstIndex({ lastIndex }: Replay, { header, path }: Begun): void {
  if (header.firstIndex === lastIndex + 1) return;
  const problem = `the segment begins at index ${header.firstIndex}, the log ends at ${lastIndex}`;
  throw corrupted(path, 0, problem);
}

function lastSegmentOf(
  { content, header }: Begun & { readonly content: Uint8Array },
  { end, lastRecord }: ScannedSegment,
): LastSegment {
  const leftover = lengthWithoutTrailingZeros(content.subarray(end));
  return { header, lastRecord, end, isFirstRecord: lastRecord === SEGMENT_HEADER_BYTES, leftover };
}

function damagedRecord(path: string, position: number): Error {
  return corrupted(path, position, 'the record is damaged, and others follow it');
}
