import { crc32 } from 'node:zlib';
import { access, link, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MalformedBytes, systemRandom } from '@decoraft/base';
import {
  BACKUP_FORMAT_VERSION,
  BACKUP_PREFIX_BYTES,
  type BackupDescription,
  backupHeaderBytes,
  backupVersionOf,
  decodeBackupHeader,
  encodeBackupHeader,
  isBackup,
} from './backup-header.js';
import type { DiskFile } from './disk.js';
import { nodeDisk } from './node-disk.js';
import { readOnlyDisk } from './read-only-disk.js';
import { StorageError, systemCode } from './storage-error.js';
import { readAll, writeAll } from './whole-file.js';

/** Data is read and written in pieces of this size: so much is in memory. */
const PIECE_BYTES = 1 << 18;
/** All at the end at once would keep others who flush waiting. */
const FLUSHED_BYTES = 32 << 20;

/** Told of the bytes of the data that were dealt with. */
export type DataProgress = (doneBytes: number) => void;

export interface BackupWriting {
  readonly onProgress?: DataProgress;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** @throws StorageError `InvalidArgument` for a path at which there is something. */
export async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw StorageError.from(error, path);
  }
  throw existing(path);
}

/**
 * Makes a backup file of what `chunks` give: written aside, flushed, read back and compared with the checksum, and
 * only then given its name. There is never a file of that name that is not whole, and none is ever overwritten.
 *
 * @throws StorageError `InvalidArgument` when there is such a file, `Corrupted` when the chunks are not what the
 *   description says, `DiskFull`, `PermissionDenied`, `DiskFailed`; and what `chunks` throws, or the signal's reason.
 */
export async function writeBackupFile(
  path: string,
  description: BackupDescription,
  chunks: AsyncIterable<Uint8Array>,
  options: BackupWriting = {},
): Promise<void> {
  await refuseExisting(path);
  const aside = `${path}.${process.pid}-${Math.floor(systemRandom() * 1e9)}.partial`;
  try {
    const file = await onDisk(aside, () => nodeDisk.open(aside, 'create'));
    try {
      await writeContent(file, aside, description, chunks, options);
      await onDisk(aside, () => file.fdatasync());
    } finally {
      await file.close();
    }
    const backup = await openBackupFile(aside);
    try {
      for await (const _ of backup.chunks()) options.signal?.throwIfAborted();
    } finally {
      await backup.close();
    }
    options.signal?.throwIfAborted();
    await giveName(aside, path);
  } finally {
    await unlink(aside).catch(() => undefined);
  }
}

/** A backup that is open. */
export interface BackupFile {
  readonly path: string;
  readonly description: BackupDescription;
  /** The data in pieces. Rejects with `Corrupted` at its end when it is not what the checksum says. */
  chunks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a backup to read it, after a look at its header and its length.
 *
 * @throws StorageError `Corrupted` for a damaged or shortened one, `Unimplemented` for one of a newer release,
 *   `InvalidArgument` for a file that is no backup, or none.
 */
export async function openBackupFile(path: string): Promise<BackupFile> {
  const file = await onDisk(path, () => readOnlyDisk.open(path, 'existing'));
  try {
    const { dataAt, description } = await onDisk(path, () => readHeader(file, path));
    return {
      path,
      description,
      chunks: () => readData(file, path, dataAt, description),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether the file at `path` begins as a backup does. */
export async function isBackupFile(path: string): Promise<boolean> {
  const file = await onDisk(path, () => readOnlyDisk.open(path, 'existing'));
  try {
    return isBackup(await onDisk(path, () => readAll(file, 0, BACKUP_PREFIX_BYTES)));
  } finally {
    await file.close();
  }
}

/** The description that a stream of a backup begins with. Throws as {@link openBackupFile}. */
export function readBackupHeader(header: Uint8Array, path: string): BackupDescription {
  try {
    const version = backupVersionOf(header);
    if (version === BACKUP_FORMAT_VERSION) return decodeBackupHeader(header);
    const known = `this release reads version ${BACKUP_FORMAT_VERSION}; use the release that made it`;
    throw new StorageError('Unimplemented', `${path} is a backup of format version ${version}, ${known}`);
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw damaged(path, 0, error.message, error);
  }
}

/** How long data is that comes in chunks, and its checksum: what a snapshot says of itself. Keeps none of it. */
export async function describeChunks(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly dataBytes: number; readonly checksum: number }> {
  let [dataBytes, checksum] = [0, 0];
  for await (const chunk of chunks) {
    dataBytes += chunk.length;
    checksum = crc32(chunk, checksum);
  }
  return { dataBytes, checksum };
}

async function writeContent(
  file: DiskFile,
  path: string,
  description: BackupDescription,
  chunks: AsyncIterable<Uint8Array>,
  { onProgress, signal }: BackupWriting,
): Promise<void> {
  const header = encodeBackupHeader(description);
  await onDisk(path, () => writeAll(file, header, 0));
  let [doneBytes, flushedBytes, checksum] = [0, 0, 0];
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    const at = header.length + doneBytes;
    await onDisk(path, () => writeAll(file, chunk, at));
    doneBytes += chunk.length;
    checksum = crc32(chunk, checksum);
    if (doneBytes - flushedBytes >= FLUSHED_BYTES) {
      flushedBytes = doneBytes;
      await onDisk(path, () => file.fdatasync());
    }
    onProgress?.(doneBytes);
  }
  signal?.throwIfAborted();
  const { dataBytes } = description;
  if (doneBytes !== dataBytes) throw damaged(path, 0, `${doneBytes} of ${dataBytes} bytes came`);
  if (checksum !== description.checksum) throw damaged(path, 0, 'what came does not match its checksum');
}

/** A link fails where the name is taken; not every file system has links. */
async function giveName(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw existing(path);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? '')) {
      throw StorageError.from(error, path);
    }
    await refuseExisting(path);
    await rename(aside, path);
  }
  await onDisk(path, () => nodeDisk.fsyncDirectory(dirname(path)));
}

interface Located {
  readonly description: BackupDescription;
  readonly dataAt: number;
}

async function readHeader(file: DiskFile, path: string): Promise<Located> {
  const prefix = await readAll(file, 0, BACKUP_PREFIX_BYTES);
  if (!isBackup(prefix)) throw new StorageError('InvalidArgument', `${path} is no backup`);
  const bytes = await file.size();
  const dataAt = headerBytesOf(prefix, path);
  const description = readBackupHeader(await readAll(file, 0, Math.min(dataAt, bytes)), path);
  const end = dataAt + description.dataBytes;
  if (bytes < end) throw damaged(path, bytes, `the file ends here, it should have ${end} bytes`);
  if (bytes > end) throw damaged(path, end, `the file should end here, it has ${bytes} bytes`);
  return { description, dataAt };
}

function headerBytesOf(prefix: Uint8Array, path: string): number {
  try {
    return backupHeaderBytes(prefix);
  } catch (error) {
    throw damaged(path, 0, 'the header is damaged', error);
  }
}

async function* readData(
  file: DiskFile,
  path: string,
  dataAt: number,
  { checksum, dataBytes }: BackupDescription,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for (let at = 0; at < dataBytes; at += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, dataBytes - at);
    const piece = await onDisk(path, () => readAll(file, dataAt + at, length));
    if (piece.length < length) throw damaged(path, dataAt + at + piece.length, 'the file ends here');
    read = crc32(piece, read);
    yield piece;
  }
  if (read !== checksum) throw damaged(path, dataAt, 'the checksum of the data does not match');
}

async function onDisk<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new StorageError('DiskFull', `${path}: there is no room`, { cause: error });
    }
    if (code === 'ENOENT') {
      throw new StorageError('InvalidArgument', `${path} does not exist`, { cause: error });
    }
    throw StorageError.from(error, path);
  }
}

function existing(path: string): StorageError {
  return new StorageError('InvalidArgument', `${path} exists already, and is not overwritten`);
}

/** Not as in a data directory: there is nothing that a node would do about it. */
function damaged(path: string, offset: number, problem: string, cause?: unknown): StorageError {
  const data = { file: path, offset, problem };
  const words = `${path}, byte ${offset}: ${problem}; this backup cannot be used`;
  return new StorageError('Corrupted', words, { data, ...(cause ? { cause } : {}) });
}
