import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SnapshotMetadata } from '@decoraft/raft';
import { isDiskFull, whileThereIsRoom } from './disk-room.js';
import type { Disk, DiskFile } from './disk.js';
import { encodeSnapshotHeader, type SnapshotHeader } from './snapshot-header.js';
import { snapshotPath } from './snapshot-name.js';
import { writeAll } from './whole-file.js';

const ASIDE_FILE = 'snapshot.tmp';
const SNAPSHOT = 'the snapshot';
/** All at the end at once would keep the log's flushes waiting. */
const FLUSHED_BYTES = 8 << 20;

/** Whoever gave the chunks of a snapshot failed: the disk is as it was. */
export class ChunksFailed extends Error {
  override name = 'ChunksFailed';
}

/**
 * Writes aside, flushes, renames, flushes the name: the file is there whole or not at all, whenever the machine
 * stops, and for good when this resolves. Holds one chunk at a time. Rejects with `DiskFull` when there is no room for
 * it and with `ChunksFailed` when `chunks` throws, which leaves nothing behind; any other error is the system's own.
 */
export async function writeSnapshotFile(
  disk: Disk,
  directory: string,
  metadata: SnapshotMetadata,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const aside = join(directory, ASIDE_FILE);
  try {
    await writeAside(disk, aside, metadata, chunks);
  } catch (error) {
    // The room is for the log. What cannot be removed is written over by the next attempt.
    if (isPassing(error)) await disk.remove(aside).catch(() => undefined);
    throw error;
  }
  await disk.rename(aside, snapshotPath(directory, metadata));
  await disk.fsyncDirectory(directory);
}

/** Makes what is written at the end of a file durable now and then. */
export class PacedFlush {
  readonly #file: DiskFile;
  #unflushedBytes = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  async wrote(bytes: number): Promise<void> {
    this.#unflushedBytes += bytes;
    if (this.#unflushedBytes < FLUSHED_BYTES) return;
    this.#unflushedBytes = 0;
    await this.#file.fdatasync();
  }
}

const isPassing = (error: unknown): boolean => isDiskFull(error) || error instanceof ChunksFailed;

async function writeAside(
  disk: Disk,
  aside: string,
  metadata: SnapshotMetadata,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await whileThereIsRoom(aside, SNAPSHOT, () => disk.open(aside, 'create'));
  try {
    await writeContent(file, aside, metadata, chunks);
    // If this fails, nobody can tell any more what is on the disk (ATC'20), whatever the reason.
    await file.fdatasync();
  } finally {
    await file.close();
  }
}

/** The header comes last: it says how long the data is. */
async function writeContent(
  file: DiskFile,
  aside: string,
  { configuration, index, term }: SnapshotMetadata,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  let header: SnapshotHeader = { index, term, configuration, dataBytes: 0, checksum: 0 };
  const dataAt = encodeSnapshotHeader(header).length;
  const paced = new PacedFlush(file);
  for await (const chunk of fromElsewhere(chunks)) {
    const { checksum, dataBytes } = header;
    await whileThereIsRoom(aside, SNAPSHOT, () => writeAll(file, chunk, dataAt + dataBytes));
    header = { ...header, dataBytes: dataBytes + chunk.length, checksum: crc32(chunk, checksum) };
    await paced.wrote(chunk.length);
  }
  await whileThereIsRoom(aside, SNAPSHOT, () => writeAll(file, encodeSnapshotHeader(header), 0));
}

/** What goes wrong there is told from what the disk does. */
async function* fromElsewhere(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await iterator.next().catch((cause: unknown) => {
        isOver = true;
        throw new ChunksFailed('the snapshot was not given to its end', { cause });
      });
      isOver = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!isOver) await iterator.return?.();
  }
}
