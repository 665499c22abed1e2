import type { Disk } from './disk.js';
import { unknownFormat } from './metadata.js';
import { readRecord } from './record.js';
import { segmentPath, sequenceOf } from './segment.js';
import {
  decodeSegmentHeader,
  isKnownFormat,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './segment-header.js';
import { isFollowed } from './segment-scan.js';
import { corrupted } from './storage-error.js';
import { lengthWithoutTrailingZeros, readAll } from './whole-file.js';

export interface RecoverySource {
  readonly disk: Disk;
  readonly directory: string;
  readonly salt: number;
}

/** A segment file as it was found. */
export interface Found {
  readonly sequence: number;
  readonly path: string;
  readonly bytes: number;
  /** `undefined` when there is none that can be read. */
  readonly header: SegmentHeader | undefined;
}

export interface Begun extends Found {
  readonly header: SegmentHeader;
}

/** A segment behind the last record: prepared for use, or begun with a record that did not become durable. */
export interface UnusedSegment {
  readonly sequence: number;
  readonly bytes: number;
  /** Bytes up to the last that is not zero. */
  readonly leftover: number;
}

/** All segments by number, oldest first; of each only the header is read. */
export async function surveySegments(source: RecoverySource): Promise<ReadonlyMap<number, Found>> {
  const names = await source.disk.list(source.directory);
  const sequences = names.map(sequenceOf).filter((sequence) => sequence !== undefined);
  const found = new Map<number, Found>();
  for (const sequence of sequences.toSorted((left, right) => left - right)) {
    const path = segmentPath(source.directory, sequence);
    const { bytes, content } = await readSegment(source, path, 0, SEGMENT_HEADER_BYTES);
    const header = decodeSegmentHeader(content, source.salt);
    if (header) checkHeader(path, sequence, header, bytes);
    found.set(sequence, { sequence, path, bytes, header });
  }
  return found;
}

/** The last segment that was begun, with its content: header and first record, written together, are there. */
export async function findLastSegment(
  source: RecoverySource,
  found: ReadonlyMap<number, Found>,
): Promise<(Begun & { readonly content: Uint8Array }) | undefined> {
  const begun = [...found.values()].filter(isBegun);
  const candidate = begun.pop();
  if (!candidate) return undefined;
  const { path, sequence } = candidate;
  const { content } = await readSegment(source, path);
  const first = { sequence, position: SEGMENT_HEADER_BYTES };
  if (readRecord(content, first, source.salt)) return { ...candidate, content };
  if (found.has(sequence + 1) || isFollowed({ content, path, sequence }, first.position, source.salt)) {
    throw corrupted(path, first.position, 'the first record is damaged, and others follow it');
  }
  const before = begun.pop();
  return before && { ...before, ...(await readSegment(source, before.path)) };
}

/** At most one segment is behind the last, and it has no record: one is prepared at a time. */
export async function readUnusedSegment(
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
  const { path } = candidate;
  const { bytes, content } = await readSegment(source, path);
  const from = candidate.header ? SEGMENT_HEADER_BYTES : -1;
  if (surplus ?? isFollowed({ content, path, sequence: first }, from, source.salt)) {
    throw corrupted(path, 0, 'the header of the segment is damaged, and others follow it');
  }
  return { sequence: first, bytes, leftover: lengthWithoutTrailingZeros(content) };
}

/** The segments from `oldest` up to, not including, the last: none missing, and none without a header. */
export function checkNeeded(
  { directory }: RecoverySource,
  found: ReadonlyMap<number, Found>,
  oldest: number,
  last: Begun,
): readonly Begun[] {
  const needed: Begun[] = [];
  for (let sequence = oldest; sequence < last.sequence; sequence++) {
    const segment = found.get(sequence);
    if (!segment) {
      throw corrupted(segmentPath(directory, sequence), 0, 'the segment is missing, others follow it');
    }
    if (!isBegun(segment)) {
      throw corrupted(segment.path, 0, 'the header of the segment is damaged, and others follow it');
    }
    needed.push(segment);
  }
  return needed;
}

/** The size of the file at `path`, and `count` of its bytes from `position` on. */
export async function readSegment(
  { disk }: RecoverySource,
  path: string,
  position = 0,
  count = Infinity,
): Promise<{ readonly bytes: number; readonly content: Uint8Array }> {
  const file = await disk.open(path, 'existing');
  try {
    const bytes = await file.size();
    const length = Math.max(0, Math.min(bytes - position, count));
    return { bytes, content: await readAll(file, position, length) };
  } finally {
    await file.close();
  }
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

function isBegun(segment: Found): segment is Begun {
  return segment.header !== undefined;
}
