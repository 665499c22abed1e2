import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { MalformedBytes } from '@decoraft/base';
import type { Index, Snapshot, SnapshotMetadata, Term } from '@decoraft/raft';
import { isDiskFull, whileThereIsRoom } from './disk-room.js';
import type { Disk, DiskFile } from './disk.js';
import { type LogBeginning, metadataOf } from './log-change.js';
import { unknownFormat } from './metadata.js';
import {
  decodeSnapshotHeader,
  decodeSnapshotVersion,
  encodeSnapshotHeader,
  SNAPSHOT_FORMAT_VERSION,
  SNAPSHOT_PREFIX_BYTES,
  snapshotHeaderBytes,
  type SnapshotHeader,
} from './snapshot-header.js';
import { corrupted, systemCode } from './storage-error.js';
import { readAll, writeAll } from './whole-file.js';

/** What the name of a snapshot's file says: the place in the log that it stands for. */
export type SnapshotPlace = LogBeginning;

const NAME = /^(\d{16})-(\d{16})\.snapshot$/;
const ASIDE_FILE = 'snapshot.tmp';
/** Data is written, read and checked in pieces of this size: a checksum of all at once would block the process. */
const PIECE_BYTES = 1 << 20;

export function snapshotPath(directory: string, { index, term }: SnapshotPlace): string {
  const [indexDigits, termDigits] = [index, term].map((number) => String(number).padStart(16, '0'));
  return join(directory, `${indexDigits}-${termDigits}.snapshot`);
}

/** The place that the file's name says; `undefined` for other files. */
export function snapshotPlaceOf(name: string): SnapshotPlace | undefined {
  const [, index, term] = NAME.exec(name) ?? [];
  if (index === undefined || term === undefined) return undefined;
  return { index: Number(index) as Index, term: Number(term) as Term };
}

/**
 * Writes aside, flushes, renames, flushes the name: the file is there whole or not at all, whenever the machine
 * stops, and for good when this resolves. Rejects with `DiskFull` when there is no room for it, which leaves nothing
 * behind; any other error is the system's own.
 */
export async function writeSnapshotFile(disk: Disk, directory: string, snapshot: Snapshot): Promise<void> {
  const aside = join(directory, ASIDE_FILE);
  try {
    await writeAside(disk, aside, snapshot);
  } catch (error) {
    // The room is for the log. What cannot be removed is written over by the next attempt.
    if (isDiskFull(error)) await disk.remove(aside).catch(() => undefined);
    throw error;
  }
  await disk.rename(aside, snapshotPath(directory, snapshot));
  await disk.fsyncDirectory(directory);
}

/** Reads and checks the whole file. Rejects with `Corrupted` when it is damaged or missing. */
export function readSnapshotFile(disk: Disk, directory: string, place: SnapshotPlace): Promise<Snapshot> {
  return withFile(disk, snapshotPath(directory, place), async (file, path) => {
    const { dataAt, header } = await readHeader(file, path, place);
    const data = new Uint8Array(header.dataBytes);
    await checkData(file, path, { dataAt, header }, data);
    return { ...metadataOf(header), data };
  });
}

/** {@link readSnapshotFile} without holding the data. */
export function checkSnapshotFile(
  disk: Disk,
  directory: string,
  place: SnapshotPlace,
): Promise<SnapshotMetadata> {
  return withFile(disk, snapshotPath(directory, place), async (file, path) => {
    const { dataAt, header } = await readHeader(file, path, place);
    await checkData(file, path, { dataAt, header });
    return metadataOf(header);
  });
}

async function writeAside(disk: Disk, aside: string, snapshot: Snapshot): Promise<void> {
  const file = await whileThereIsRoom(aside, 'the snapshot', () => disk.open(aside, 'create'));
  try {
    await whileThereIsRoom(aside, 'the snapshot', () => writeContent(file, snapshot));
    // If this fails, nobody can tell any more what is on the disk (ATC'20), whatever the reason.
    await file.fdatasync();
  } finally {
    await file.close();
  }
}

async function writeContent(file: DiskFile, { data, ...metadata }: Snapshot): Promise<void> {
  let header: SnapshotHeader = { ...metadata, dataBytes: data.length, dataChecksum: 0 };
  const dataAt = encodeSnapshotHeader(header).length;
  for (let at = 0; at < data.length; at += PIECE_BYTES) {
    const piece = data.subarray(at, at + PIECE_BYTES);
    header = { ...header, dataChecksum: crc32(piece, header.dataChecksum) };
    await writeAll(file, piece, dataAt + at);
  }
  await writeAll(file, encodeSnapshotHeader(header), 0);
}

async function withFile<Result>(
  disk: Disk,
  path: string,
  use: (file: DiskFile, path: string) => Promise<Result>,
): Promise<Result> {
  const file = await openExisting(disk, path);
  try {
    return await use(file, path);
  } finally {
    await file.close();
  }
}

async function openExisting(disk: Disk, path: string): Promise<DiskFile> {
  try {
    return await disk.open(path, 'existing');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw corrupted(path, 0, 'the snapshot is missing', error);
  }
}

/** Where the data of a snapshot is, and what is known of it. */
interface Located {
  readonly header: SnapshotHeader;
  readonly dataAt: number;
}

async function readHeader(file: DiskFile, path: string, place: SnapshotPlace): Promise<Located> {
  const bytes = await file.size();
  const { dataAt, header } = await decodeHeader(file, path, bytes);
  if (header.index !== place.index || header.term !== place.term) {
    const problem = `the file holds the snapshot of index ${header.index} and term ${header.term}`;
    throw corrupted(path, SNAPSHOT_PREFIX_BYTES, problem);
  }
  const end = dataAt + header.dataBytes;
  if (bytes < end) throw corrupted(path, bytes, `the file ends here, it should have ${end} bytes`);
  if (bytes > end) throw corrupted(path, end, `the file should end here, it has ${bytes} bytes`);
  return { dataAt, header };
}

async function decodeHeader(file: DiskFile, path: string, bytes: number): Promise<Located> {
  try {
    const dataAt = snapshotHeaderBytes(await readAll(file, 0, SNAPSHOT_PREFIX_BYTES));
    const encoded = await readAll(file, 0, Math.min(dataAt, bytes));
    const version = decodeSnapshotVersion(encoded);
    if (version !== SNAPSHOT_FORMAT_VERSION) throw unknownFormat(path, version);
    return { dataAt, header: decodeSnapshotHeader(encoded) };
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw corrupted(path, 0, error.message, error);
  }
}

/** Compares the data with its checksum, and puts it into `target` if there is one. */
async function checkData(
  file: DiskFile,
  path: string,
  { dataAt, header }: Located,
  target?: Uint8Array,
): Promise<void> {
  let checksum = 0;
  for (let at = 0; at < header.dataBytes; at += PIECE_BYTES) {
    const piece = await readAll(file, dataAt + at, Math.min(PIECE_BYTES, header.dataBytes - at));
    checksum = crc32(piece, checksum);
    target?.set(piece, at);
  }
  if (checksum !== header.dataChecksum) {
    throw corrupted(path, dataAt, 'the checksum of the data does not match');
  }
}
