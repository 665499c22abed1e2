import { crc32 } from 'node:zlib';
import { MalformedBytes } from '@decoraft/base';
import type { Configuration, Index, SnapshotMetadata, StoredSnapshot, Term } from '@decoraft/raft';
import type { Disk, DiskFile } from './disk.js';
import { metadataOf } from './log-change.js';
import { unknownFormat } from './metadata.js';
import {
  decodeSnapshotHeader,
  decodeSnapshotVersion,
  SNAPSHOT_FORMAT_VERSION,
  SNAPSHOT_PREFIX_BYTES,
  snapshotHeaderBytes,
  type SnapshotHeader,
} from './snapshot-header.js';
import { snapshotPath, type SnapshotPlace } from './snapshot-name.js';
import { corrupted, StorageError, systemCode } from './storage-error.js';
import { readAll } from './whole-file.js';

/** Data is read and checked in pieces of this size: so much is in memory, and no turn takes longer than one of them. */
const PIECE_BYTES = 256 * 1024;

/** Where the data of a snapshot is, and what is known of it. */
export interface Located {
  readonly header: SnapshotHeader;
  readonly dataAt: number;
}

/**
 * Checks the whole file, and leaves it open; without its data when `isChecked`, which is for who has read all of it
 * already. Rejects with `Corrupted` when it is damaged or missing.
 */
export async function openSnapshotFile(
  disk: Disk,
  directory: string,
  place: SnapshotPlace,
  isChecked = false,
): Promise<SnapshotFile> {
  const path = snapshotPath(directory, place);
  const file = await openExisting(disk, path);
  try {
    const located = await locateSnapshot(file, path, place);
    if (!isChecked) for await (const _ of readData(file, path, located)) void _;
    return new SnapshotFile(file, path, located);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** {@link openSnapshotFile} without leaving it open. */
export async function checkSnapshotFile(
  disk: Disk,
  directory: string,
  place: SnapshotPlace,
): Promise<SnapshotMetadata> {
  const file = await openSnapshotFile(disk, directory, place);
  await file.close();
  return metadataOf(file);
}

/** A snapshot's file that is open: it can be read also when its name is gone. */
export class SnapshotFile implements StoredSnapshot {
  readonly index: Index;
  readonly term: Term;
  readonly configuration: Configuration;
  readonly dataBytes: number;
  readonly checksum: number;
  readonly #file: DiskFile;
  readonly #path: string;
  readonly #located: Located;
  /** Called once, when it is closed. */
  onClosed: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  constructor(file: DiskFile, path: string, located: Located) {
    const { checksum, configuration, dataBytes, index, term } = located.header;
    this.index = index;
    this.term = term;
    this.configuration = configuration;
    this.dataBytes = dataBytes;
    this.checksum = checksum;
    this.#file = file;
    this.#path = path;
    this.#located = located;
  }

  async *chunks(from = 0): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    for await (const piece of readData(this.#file, this.#path, this.#located, from)) {
      yield piece;
      this.#checkOpen();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close();
    this.onClosed();
    return this.#closing;
  }

  #checkOpen(): void {
    if (this.#closing) throw new StorageError('Unavailable', `the snapshot ${this.#path} was closed`);
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

/** Reads the header of a snapshot, which must be of `place`, and compares the length of the file with it. */
export async function locateSnapshot(file: DiskFile, path: string, place: SnapshotPlace): Promise<Located> {
  const bytes = await file.size();
  const { dataAt, header } = await locateData(file, path, bytes);
  if (header.index !== place.index || header.term !== place.term) {
    const problem = `the file holds the snapshot of index ${header.index} and term ${header.term}`;
    throw corrupted(path, SNAPSHOT_PREFIX_BYTES, problem);
  }
  const end = dataAt + header.dataBytes;
  if (bytes < end) throw corrupted(path, bytes, `the file ends here, it should have ${end} bytes`);
  if (bytes > end) throw corrupted(path, end, `the file should end here, it has ${bytes} bytes`);
  return { dataAt, header };
}

/** @param bytes How long the file is. Rejects with `Corrupted` or `Unimplemented`. */
export async function locateData(file: DiskFile, path: string, bytes: number): Promise<Located> {
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

/** The data from `from` on. Read from its first byte, it is compared with its checksum behind its last. */
export async function* readData(
  file: DiskFile,
  path: string,
  { dataAt, header }: Located,
  from = 0,
): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  for (let at = from; at < header.dataBytes; at += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, header.dataBytes - at);
    const piece = await readAll(file, dataAt + at, length);
    if (piece.length < length) throw corrupted(path, dataAt + at + piece.length, 'the file ends here');
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (from === 0 && checksum !== header.checksum) {
    throw corrupted(path, dataAt, 'the checksum of the data does not match');
  }
}
