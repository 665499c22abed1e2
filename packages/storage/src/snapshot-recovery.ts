import type { SnapshotMetadata } from '@decoraft/raft';
import type { LogView } from './log-view.js';
import { reportDamaged, type SnapshotFilesOptions } from './snapshot-files.js';
import { snapshotPath, type SnapshotPlace, snapshotPlaceOf } from './snapshot-name.js';
import { checkSnapshotFile } from './snapshot-reading.js';
import { corrupted, isCorrupted, type StorageError } from './storage-error.js';

export interface RecoveredSnapshots {
  readonly newest: SnapshotMetadata | undefined;
  /** Those that the log can go on from, newest first. */
  readonly known: readonly SnapshotPlace[];
}

/**
 * Finds the newest whole snapshot that `log` can go on from: it stands for a place that the log has. Others are
 * left behind by a start, and count for nothing: a leader's snapshot whose installation did not come as far as the
 * log (its index or term is not there), or one from before the log begins.
 *
 * A damaged one is passed over where the log reaches back to the one before it, or to its first entry; where it does
 * not, rejects with `Corrupted`. Changes nothing.
 */
export async function recoverSnapshots(
  options: Omit<SnapshotFilesOptions, 'keptSnapshots'>,
  log: LogView,
): Promise<RecoveredSnapshots> {
  const { directory, disk, logger } = options;
  const places = (await disk.list(directory)).map(snapshotPlaceOf).filter((place) => place !== undefined);
  const usable = places
    .filter(({ index, term }) => log.term(index) === term)
    .toSorted((left, right) => right.index - left.index);
  const damages: StorageError[] = [];
  for (const [at, place] of usable.entries()) {
    try {
      const newest = await checkSnapshotFile(disk, directory, place);
      for (const damage of damages) reportDamaged(logger, damage);
      return { newest, known: usable.slice(at) };
    } catch (error) {
      if (!isCorrupted(error)) throw error;
      damages.push(error);
    }
  }
  const beginning = log.beginning();
  if (beginning.index > 0) {
    const problem = `the snapshot is missing, and the log begins behind index ${beginning.index}`;
    throw damages[0] ?? corrupted(snapshotPath(directory, beginning), 0, problem);
  }
  for (const damage of damages) reportDamaged(logger, damage);
  return { newest: undefined, known: [] };
}
