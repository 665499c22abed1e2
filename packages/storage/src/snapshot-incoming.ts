import { join } from 'node:path';
import type { IncomingSnapshot, SnapshotDescription } from '@decoraft/raft';
import { isDiskFull, whileThereIsRoom } from './disk-room.js';
import type { Disk, DiskFile } from './disk.js';
import { encodeSnapshotHeader } from './snapshot-header.js';
import { locateData, readData } from './snapshot-reading.js';
import { isCorrupted, StorageError, systemCode } from './storage-error.js';
import { PacedFlush } from './snapshot-writing.js';
import { writeAll } from './whole-file.js';

/** A snapshot that comes piece by piece. Its header is there from the first: what was left by a crash says what it is. */
export const INCOMING_FILE = 'incoming.tmp';
const SNAPSHOT = 'the snapshot from the leader';

/** Whether two are the same snapshot, whoever they come from. */
export function isSameSnapshot(one: SnapshotDescription, other: SnapshotDescription): boolean {
  return (
    one.index === other.index &&
    one.term === other.term &&
    one.dataBytes === other.dataBytes &&
    one.checksum === other.checksum
  );
}

/** `incoming`, of which every call is made by `run`. */
export function within(
  incoming: IncomingSnapshot,
  run: <Result>(work: () => Promise<Result>) => Promise<Result>,
): IncomingSnapshot {
  return {
    get receivedBytes() {
      return incoming.receivedBytes;
    },
    write: (data) => run(() => incoming.write(data)),
    finish: () => run(() => incoming.finish()),
  };
}

/** The file of a snapshot on its way here. Of what a crash left of it, nothing is trusted but its length. */
export class IncomingFile implements IncomingSnapshot {
  readonly description: SnapshotDescription;
  readonly path: string;
  readonly #file: DiskFile;
  readonly #dataAt: number;
  readonly #paced: PacedFlush;
  #receivedBytes: number;

  private constructor(description: SnapshotDescription, path: string, file: DiskFile, received: number) {
    this.description = description;
    this.path = path;
    this.#file = file;
    this.#dataAt = headerOf(description).length;
    this.#paced = new PacedFlush(file);
    this.#receivedBytes = received;
  }

  /** Goes on with the file that is there, if it is of the same snapshot; else begins. Rejects with `DiskFull`. */
  static async open(disk: Disk, directory: string, description: SnapshotDescription): Promise<IncomingFile> {
    const path = join(directory, INCOMING_FILE);
    const left = await reopen(disk, path, description);
    if (left) return new IncomingFile(description, path, left.file, left.receivedBytes);
    const file = await whileThereIsRoom(path, SNAPSHOT, () => disk.open(path, 'create'));
    try {
      await whileThereIsRoom(path, SNAPSHOT, () => writeAll(file, headerOf(description), 0));
      return new IncomingFile(description, path, file, 0);
    } catch (error) {
      await file.close();
      if (isDiskFull(error)) await disk.remove(path).catch(() => undefined);
      throw error;
    }
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  async write(data: Uint8Array): Promise<void> {
    const end = this.#receivedBytes + data.length;
    if (end > this.description.dataBytes) {
      throw new StorageError('InvalidArgument', `${this.path}: a piece of a snapshot reaches beyond its end`);
    }
    await whileThereIsRoom(this.path, SNAPSHOT, () =>
      writeAll(this.#file, data, this.#dataAt + this.#receivedBytes),
    );
    this.#receivedBytes = end;
    await this.#paced.wrote(data.length);
  }

  /** What is read back counts, not what was meant to be written. */
  async finish(): Promise<boolean> {
    const { checksum, configuration, dataBytes, index, term } = this.description;
    const header = { index, term, configuration, dataBytes, checksum };
    try {
      for await (const _ of readData(this.#file, this.path, { dataAt: this.#dataAt, header })) void _;
    } catch (error) {
      if (!isCorrupted(error)) throw error;
      this.#receivedBytes = 0;
      return false;
    }
    await this.#file.fdatasync();
    return true;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

const headerOf = ({ checksum, configuration, dataBytes, index, term }: SnapshotDescription): Uint8Array =>
  encodeSnapshotHeader({ index, term, configuration, dataBytes, checksum });

async function reopen(
  disk: Disk,
  path: string,
  description: SnapshotDescription,
): Promise<{ readonly file: DiskFile; readonly receivedBytes: number } | undefined> {
  const file = await disk.open(path, 'existing').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const bytes = await file.size();
    const { dataAt, header } = await locateData(file, path, bytes);
    // Also its configuration: the header is written once only.
    if (isSameSnapshot(header, description) && dataAt === headerOf(description).length && bytes >= dataAt) {
      return { file, receivedBytes: Math.min(bytes - dataAt, header.dataBytes) };
    }
  } catch (error) {
    const isUnreadable = error instanceof StorageError && ['Corrupted', 'Unimplemented'].includes(error.code);
    if (!isUnreadable) throw error;
  }
  await file.close();
  return undefined;
}
