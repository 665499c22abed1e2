import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Disk } from './disk.js';
import type { Owner } from './owner.js';
import { FORMAT_VERSION, isKnownFormat } from './segment-header.js';
import { corrupted, StorageError } from './storage-error.js';
import { readAll, writeAll } from './whole-file.js';

/** What a directory is, in a small file that is replaced as a whole: a line of JSON, then a line with its checksum. */
export interface Metadata {
  /** Of the newest release that opened the directory; {@link writeMetadata} writes its own. */
  readonly format: number;
  readonly owner: Owner;
  /** From 0 up to 2^32 - 1; the start of every checksum in the directory. */
  readonly salt: number;
}

export const METADATA_FILE = 'metadata';
const ASIDE_FILE = 'metadata.tmp';

/** The directory's metadata; `undefined` when the file is not there. */
export async function readMetadata(disk: Disk, directory: string): Promise<Metadata | undefined> {
  if (!(await disk.list(directory)).includes(METADATA_FILE)) return undefined;
  const path = join(directory, METADATA_FILE);
  const file = await disk.open(path, 'existing');
  try {
    const text = Buffer.from(await readAll(file, 0, await file.size())).toString('utf8');
    return decode(text, path);
  } finally {
    await file.close();
  }
}

/** Writes aside, flushes, renames: the file is there whole, old or new, whenever the machine stops. */
export async function writeMetadata(
  disk: Disk,
  directory: string,
  metadata: Omit<Metadata, 'format'>,
): Promise<void> {
  const aside = join(directory, ASIDE_FILE);
  const file = await disk.open(aside, 'create');
  try {
    await writeAll(file, new TextEncoder().encode(encode(metadata)), 0);
    await file.fdatasync();
  } finally {
    await file.close();
  }
  await disk.rename(aside, join(directory, METADATA_FILE));
  await disk.fsyncDirectory(directory);
}

function encode({ owner, salt }: Omit<Metadata, 'format'>): string {
  const line = JSON.stringify({ format: FORMAT_VERSION, ...owner, salt });
  return `${line}\n${checksumOf(line)}\n`;
}

function decode(text: string, path: string): Metadata {
  const [line = '', checksum] = text.split('\n');
  if (checksum !== checksumOf(line)) throw corrupted(path, 0, 'the checksum does not match');
  const value: unknown = JSON.parse(line);
  const format = fieldOf(value, 'format');
  if (!isKnownFormat(format)) throw unknownFormat(path, format);
  const nodeId = fieldOf(value, 'nodeId');
  const clusterId = fieldOf(value, 'clusterId');
  const salt = fieldOf(value, 'salt');
  if (typeof nodeId !== 'string' || typeof salt !== 'number' || typeof format !== 'number') {
    throw corrupted(path, 0, 'the node id or the salt is missing');
  }
  return { format, owner: typeof clusterId === 'string' ? { nodeId, clusterId } : { nodeId }, salt };
}

/** A newer release wrote it; guessing what it means could lose what it keeps. */
export function unknownFormat(path: string, format: unknown): StorageError {
  return new StorageError(
    'Unimplemented',
    `${path} has format version ${String(format)}, this release reads up to version ${FORMAT_VERSION}; ` +
      `open the directory with the release that wrote it`,
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function checksumOf(line: string): string {
  return crc32(line).toString(16).padStart(8, '0');
}
