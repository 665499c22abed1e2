import { join } from 'node:path';
import { isDiskFull, whileThereIsRoom } from './disk-room.js';
import type { Disk, DiskFile } from './disk.js';
import { completeRecord, RECORD_HEADER_BYTES } from './record.js';
import { SEGMENT_HEADER_BYTES } from './segment-header.js';
import { writeAll, writeZeros } from './whole-file.js';

/** An open segment file. */
export interface Segment {
  readonly sequence: number;
  readonly path: string;
  readonly file: DiskFile;
  /** The size of the file; all of it was written once, so that a record never has to allocate. */
  readonly bytes: number;
  /** Whether the file may still hold records of an earlier life. */
  readonly recycled: boolean;
  /** Where the next record goes; 0 as long as not even the header is there. */
  end: number;
}

const NAME = /^(\d{16})\.segment$/;
const ASIDE_FILE = 'segment.tmp';
const WHAT = 'a segment of the log';

export const DEFAULT_SEGMENT_BYTES = 16 << 20;
export const MIN_SEGMENT_BYTES = 4_096;

export function segmentPath(directory: string, sequence: number): string {
  return join(directory, `${String(sequence).padStart(16, '0')}.segment`);
}

/** The number in a segment's name; `undefined` for other files. */
export function sequenceOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Creates a segment of zeros, and lets it be seen under its name only once all of it is durable. Rejects with
 * `DiskFull` when there is no room for it, which leaves nothing behind.
 */
export async function createSegment(
  disk: Disk,
  directory: string,
  sequence: number,
  bytes: number,
): Promise<Segment> {
  const aside = join(directory, ASIDE_FILE);
  const path = segmentPath(directory, sequence);
  const file = await whileThereIsRoom(aside, WHAT, () => disk.open(aside, 'create'));
  try {
    await whileThereIsRoom(aside, WHAT, () => writeZeros(file, 0, bytes));
    await file.fdatasync();
    await disk.rename(aside, path);
    await disk.fsyncDirectory(directory);
    return { sequence, path, file, bytes, recycled: false, end: 0 };
  } catch (error) {
    await file.close();
    if (isDiskFull(error)) await disk.remove(aside).catch(() => undefined);
    throw error;
  }
}

/**
 * Gives the file of a segment that is needed no more to a new one; the old header goes first. A file of another
 * size than `segmentBytes` is removed instead, and `undefined` given.
 */
export async function recycleSegment(
  disk: Disk,
  directory: string,
  { from, sequence, segmentBytes }: { from: number; sequence: number; segmentBytes: number },
): Promise<Segment | undefined> {
  const oldPath = segmentPath(directory, from);
  const path = segmentPath(directory, sequence);
  const file = await disk.open(oldPath, 'existing');
  try {
    if ((await file.size()) !== segmentBytes) {
      await file.close();
      await disk.remove(oldPath);
      return undefined;
    }
    await writeZeros(file, 0, SEGMENT_HEADER_BYTES);
    await file.fdatasync();
    await disk.rename(oldPath, path);
    await disk.fsyncDirectory(directory);
    return { sequence, path, file, bytes: segmentBytes, recycled: true, end: 0 };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Fills an unused segment with zeros up to the byte `length`: what stood there can never come back. */
export async function clearSegment(segment: Segment, length: number): Promise<void> {
  await writeZeros(segment.file, 0, length);
  await segment.file.fdatasync();
}

/**
 * Writes the seal with `body` at the byte `end` of a segment, and flushes it: the segment behind it is durable. One
 * that is larger than the room that was kept for it makes the file longer.
 */
export async function sealSegment(
  file: DiskFile,
  { body, end, sequence }: { readonly sequence: number; readonly end: number; readonly body: Uint8Array },
  salt: number,
): Promise<void> {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + body.length);
  bytes.set(body, RECORD_HEADER_BYTES);
  completeRecord(bytes, 0, { sequence, position: end }, salt);
  await writeAll(file, bytes, end);
  await file.fdatasync();
}

/** Makes an unused segment large enough for one large record. Rejects with `DiskFull` when there is no room. */
export async function growSegment(segment: Segment, bytes: number): Promise<Segment> {
  await whileThereIsRoom(segment.path, WHAT, () => writeZeros(segment.file, segment.bytes, bytes));
  await segment.file.fdatasync();
  return { ...segment, bytes };
}
