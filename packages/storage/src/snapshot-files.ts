import { join } from 'node:path';
import { type Logger, messageOf } from '@decoraft/base';
import type { Index, Snapshot } from '@decoraft/raft';
import type { Disk } from './disk.js';
import { readSnapshotFile, type SnapshotPlace, snapshotPlaceOf, writeSnapshotFile } from './snapshot-file.js';
import { StorageError } from './storage-error.js';

export interface SnapshotFilesOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
}

/** One to use, and one before it in case that the disk damages the first. */
const KEPT = 2;

/** The snapshots of a log, each in a file. One operation at a time, in the order of the calls. */
export class SnapshotFiles {
  readonly #options: SnapshotFilesOptions;
  /** Those that the log has the place of, newest first. */
  #known: readonly SnapshotPlace[];
  #last: Promise<unknown> = Promise.resolve();

  constructor(known: readonly SnapshotPlace[], options: SnapshotFilesOptions) {
    this.#known = known;
    this.#options = options;
  }

  /** Makes a snapshot durable and counts it, unless a newer one came before it. */
  save(snapshot: Snapshot): Promise<void> {
    return this.#inTurn(async () => {
      if (snapshot.index <= (this.#known[0]?.index ?? 0)) return;
      await this.#write(snapshot);
      await this.#adopt(snapshot);
    });
  }

  /** Makes a snapshot durable that counts only once the log says so: a crash before {@link adopt} leaves it unused. */
  write(snapshot: Snapshot): Promise<void> {
    return this.#inTurn(() => this.#write(snapshot));
  }

  /** The log begins behind `place` now, durably. */
  adopt(place: SnapshotPlace): Promise<void> {
    return this.#inTurn(() => this.#adopt(place));
  }

  /**
   * The newest snapshot. If that is damaged, the one before it, where a log that begins behind `beginning` can go on
   * from there, or none where it needs none; otherwise rejects with `Corrupted`.
   */
  read(beginning: Index): Promise<Snapshot | undefined> {
    return this.#inTurn(async () => {
      for (const place of this.#known) {
        try {
          return await readSnapshotFile(this.#options.disk, this.#options.directory, place);
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

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #write(snapshot: Snapshot): Promise<void> {
    return writeSnapshotFile(this.#options.disk, this.#options.directory, snapshot);
  }

  async #adopt({ index, term }: SnapshotPlace): Promise<void> {
    const older = this.#known.filter((other) => other.index < index);
    this.#known = [{ index, term }, ...older].slice(0, KEPT);
    try {
      await this.#removeOlder();
    } catch (error) {
      const { directory, logger } = this.#options;
      logger.log('warn', `an old snapshot could not be removed: ${messageOf(error)}`, { directory });
    }
  }

  /** Whatever it is that is older: nobody will ask for it again. */
  async #removeOlder(): Promise<void> {
    const { directory, disk } = this.#options;
    const oldest = this.#known[KEPT - 1];
    if (!oldest) return;
    for (const name of await disk.list(directory)) {
      const place = snapshotPlaceOf(name);
      if (place && place.index < oldest.index) await disk.remove(join(directory, name));
    }
  }
}

export function isCorrupted(error: unknown): error is StorageError {
  return error instanceof StorageError && error.code === 'Corrupted';
}

export function reportDamaged(logger: Logger, damage: StorageError): void {
  const message = `a damaged snapshot is passed over, the log can do without it: ${damage.message}`;
  logger.log('error', message, {});
}
