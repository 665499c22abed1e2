import { join } from 'node:path';
import { type Logger, messageOf } from '@decoraft/base';
import type {
  AppendBatch,
  IncomingSnapshot,
  Index,
  SnapshotDescription,
  SnapshotMetadata,
  StoredSnapshot,
} from '@decoraft/raft';
import { isDiskFull } from './disk-room.js';
import type { Disk } from './disk.js';
import { INCOMING_FILE, IncomingFile, isSameSnapshot } from './snapshot-incoming.js';
import { snapshotPath, type SnapshotPlace, snapshotPlaceOf } from './snapshot-name.js';
import { openSnapshotFile, type SnapshotFile } from './snapshot-reading.js';
import { writeSnapshotFile } from './snapshot-writing.js';
import { isCorrupted, StorageError } from './storage-error.js';

export interface SnapshotFilesOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  /** How many snapshots are kept, at least 1: one to use, the others in case that the disk damages it. */
  readonly keptSnapshots: number;
}

/**
 * The snapshots of a log, each in a file. One operation at a time, in the order of the calls; what comes from a leader
 * has its own order, for it must not wait until this node has written a snapshot of its own.
 */
export class SnapshotFiles {
  readonly #options: SnapshotFilesOptions;
  /** Those that the log has the place of, newest first. */
  #known: readonly SnapshotPlace[];
  /**
   * The one whose data recovery has read just now, until it is asked for: a start reads it once more, into the machines,
   * which take over nothing before its last byte was compared with its checksum.
   */
  #justChecked: SnapshotPlace | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #lastIncoming: Promise<unknown> = Promise.resolve();
  #incoming: IncomingFile | undefined;
  /** From leaders, whole and durable, by place. */
  readonly #received = new Map<string, SnapshotPlace>();
  readonly #open = new Set<SnapshotFile>();

  /** @param known As recovery has found them: the first was checked. */
  constructor(known: readonly SnapshotPlace[], options: SnapshotFilesOptions) {
    this.#known = known;
    this.#justChecked = known[0];
    this.#options = options;
  }

  /** Makes a snapshot durable and counts it, unless a newer one came before it. */
  save(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#inTurn(async () => {
      if (metadata.index <= (this.#known[0]?.index ?? 0)) return;
      const { directory, disk } = this.#options;
      await writeSnapshotFile(disk, directory, metadata, chunks);
      await this.#adopt(metadata);
    });
  }

  /** See `LogStore.receiveSnapshot`: what was finished counts only once the log says so, by {@link adopt}. */
  receive(description: SnapshotDescription): Promise<IncomingSnapshot> {
    return this.#inIncomingTurn(async () => {
      if (!this.#incoming || !isSameSnapshot(this.#incoming.description, description)) {
        await this.#giveUpIncoming();
        const { directory, disk } = this.#options;
        this.#incoming = await IncomingFile.open(disk, directory, description);
      }
      return this.#guarded(this.#incoming);
    });
  }

  /** Why what a batch brings cannot be installed; `undefined` when it can, or when it brings nothing. */
  problemWithInstalled({ snapshot }: AppendBatch): string | undefined {
    if (!snapshot || this.#received.has(keyOf(snapshot)) || this.#hasNewest(snapshot)) return undefined;
    return `the snapshot of index ${snapshot.index} and term ${snapshot.term} was not received`;
  }

  /** The log begins behind `place` now, durably. */
  adopt(place: SnapshotPlace): Promise<void> {
    const before = this.#incoming;
    return this.#inTurn(() => this.#adopt(place, before));
  }

  /**
   * The newest snapshot. If that is damaged, the one before it, where a log that begins behind `beginning` can go on
   * from there, or none where it needs none; otherwise rejects with `Corrupted`.
   */
  read(beginning: Index): Promise<StoredSnapshot | undefined> {
    return this.#inTurn(async () => {
      for (const place of this.#known) {
        try {
          return await this.#openFile(place);
        } catch (error) {
          const rest = this.#known.filter(({ index }) => index < place.index && index >= beginning);
          if (!isCorrupted(error) || (rest.length === 0 && beginning > 0)) throw error;
          reportDamaged(this.#options.logger, error);
          this.#known = rest;
        }
      }
      return undefined;
    });
  }

  /** Lets go of all files, when nothing is under way. */
  async close(): Promise<void> {
    await this.#last;
    await this.#lastIncoming;
    for (const file of this.#open) await file.close();
    await this.#incoming?.close();
    this.#incoming = undefined;
  }

  /** One that this node took itself, and finished behind a leader's of the same place, serves as well as that. */
  #hasNewest({ index, term }: SnapshotPlace): boolean {
    const newest = this.#known[0];
    return newest?.index === index && newest.term === term;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #inIncomingTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#lastIncoming.then(work);
    this.#lastIncoming = done.catch(() => undefined);
    return done;
  }

  async #openFile(place: SnapshotPlace): Promise<SnapshotFile> {
    const isChecked = place === this.#justChecked;
    this.#justChecked = undefined;
    const file = await openSnapshotFile(this.#options.disk, this.#options.directory, place, isChecked);
    this.#open.add(file);
    file.onClosed = () => void this.#open.delete(file);
    return file;
  }

  /** What comes when another has taken its place, or the log was closed, is refused. */
  #guarded(incoming: IncomingFile): IncomingSnapshot {
    const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> =>
      this.#inIncomingTurn(async () => {
        if (this.#incoming === incoming) return work();
        throw new StorageError('Unavailable', 'this snapshot is received no more');
      });
    return {
      get receivedBytes() {
        return incoming.receivedBytes;
      },
      write: (data) => inTurn(() => this.#write(incoming, data)),
      finish: () => inTurn(() => this.#finish(incoming)),
    };
  }

  async #write(incoming: IncomingFile, data: Uint8Array): Promise<void> {
    try {
      await incoming.write(data);
    } catch (error) {
      // The room is for the log.
      if (isDiskFull(error)) await this.#giveUpIncoming();
      throw error;
    }
  }

  async #finish(incoming: IncomingFile): Promise<boolean> {
    if (!(await incoming.finish())) return false;
    const { directory, disk } = this.#options;
    const { index, term } = incoming.description;
    this.#incoming = undefined;
    await incoming.close();
    await disk.rename(incoming.path, snapshotPath(directory, { index, term }));
    await disk.fsyncDirectory(directory);
    this.#received.set(keyOf({ index, term }), { index, term });
    return true;
  }

  async #giveUpIncoming(): Promise<void> {
    const incoming = this.#incoming;
    if (!incoming) return;
    this.#incoming = undefined;
    await incoming.close();
    // What cannot be removed is written over by the next.
    await this.#options.disk.remove(incoming.path).catch(() => undefined);
  }

  async #adopt({ index, term }: SnapshotPlace, before = this.#incoming): Promise<void> {
    const { directory, keptSnapshots, logger } = this.#options;
    const older = this.#known.filter((other) => other.index < index);
    this.#known = [{ index, term }, ...older].slice(0, keptSnapshots);
    for (const [key, place] of this.#received) if (place.index <= index) this.#received.delete(key);
    try {
      await this.#removeOlder();
      await this.#inIncomingTurn(() => this.#removeIncoming(index, before));
    } catch (error) {
      logger.log('warn', `an old snapshot could not be removed: ${messageOf(error)}`, { directory });
    }
  }

  /** Whatever it is that is older: nobody will ask for it again. */
  async #removeOlder(): Promise<void> {
    const { directory, disk, keptSnapshots } = this.#options;
    const oldest = this.#known[keptSnapshots - 1];
    if (!oldest) return;
    for (const name of await disk.list(directory)) {
      const place = snapshotPlaceOf(name);
      if (place && place.index < oldest.index) await disk.remove(join(directory, name));
    }
  }

  /** What nobody sends any more, or comes too late; but not the same once more, when that was begun since. */
  async #removeIncoming(index: Index, before: IncomingFile | undefined): Promise<void> {
    const { directory, disk } = this.#options;
    if (this.#incoming) {
      const incomingIndex = this.#incoming.description.index;
      const isLate = incomingIndex < index || (incomingIndex === index && this.#incoming === before);
      if (isLate) await this.#giveUpIncoming();
    } else if ((await disk.list(directory)).includes(INCOMING_FILE)) {
      await disk.remove(join(directory, INCOMING_FILE));
    }
  }
}

const keyOf = ({ index, term }: SnapshotPlace): string => `${index}/${term}`;

export function reportDamaged(logger: Logger, damage: StorageError): void {
  // The damage speaks to whoever has to give a node up; here nothing has to be done but to look at the disk.
  logger.log('error', 'a damaged snapshot is passed over, the log can do without it', {
    damage: damage.data,
  });
}
