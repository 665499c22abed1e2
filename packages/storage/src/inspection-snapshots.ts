import { join } from 'node:path';
import type { DiskFile } from './disk.js';
import type { Damages } from './inspection-damage.js';
import type { InspectedSnapshot } from './inspection.js';
import type { LogView } from './log-view.js';
import { readOnlyDisk } from './read-only-disk.js';
import { type SnapshotPlace, snapshotPlaceOf } from './snapshot-name.js';
import { locateData, locateSnapshot, readData } from './snapshot-reading.js';
import { systemCode } from './storage-error.js';
import { readAll } from './whole-file.js';

const BEGINNING_BYTES = 1 << 20;

export interface SnapshotsToInspect {
  readonly directory: string;
  readonly names: readonly string[];
  /** The log, where there is one that can be read. */
  readonly log: LogView | undefined;
  readonly damages: Damages;
  /** Told of bytes that were read; without it, only as much is read as a start reads. */
  readonly read: ((bytes: number) => void) | undefined;
}

/** The snapshots, newest first, without those that are gone by now: there are newer ones then. */
export async function inspectSnapshots(options: SnapshotsToInspect): Promise<readonly InspectedSnapshot[]> {
  const { directory, log, names, read } = options;
  const places = names
    .map((name) => ({ name, place: snapshotPlaceOf(name) }))
    .filter((named): named is { name: string; place: SnapshotPlace } => named.place !== undefined)
    .toSorted((left, right) => right.place.index - left.place.index || right.place.term - left.place.term);
  const snapshots: InspectedSnapshot[] = [];
  let hasUsable = false;
  for (const { name, place } of places) {
    const counts = log?.term(place.index) === place.term;
    const isWanted = read !== undefined || (counts && !hasUsable);
    const snapshot = await inspectOne(join(directory, name), { place, counts, isWanted }, options);
    if (!snapshot) continue;
    hasUsable ||= counts && snapshot.check === 'all';
    snapshots.push(snapshot);
  }
  return snapshots;
}

/** The first bytes of the data of a snapshot that was found whole. */
export async function readBeginning(path: string): Promise<Uint8Array> {
  const file = await readOnlyDisk.open(path, 'existing');
  try {
    const { dataAt, header } = await locateData(file, path, await file.size());
    return await readAll(file, dataAt, Math.min(header.dataBytes, BEGINNING_BYTES));
  } finally {
    await file.close();
  }
}

interface Wanted {
  readonly place: SnapshotPlace;
  readonly counts: boolean;
  /** Whether its data is read as well. */
  readonly isWanted: boolean;
}

async function inspectOne(
  path: string,
  { counts, isWanted, place }: Wanted,
  { damages, read }: SnapshotsToInspect,
): Promise<InspectedSnapshot | undefined> {
  const file = await openIfThere(path);
  if (!file) return undefined;
  try {
    const fileBytes = await file.size();
    const located = await damages.noting(() => locateSnapshot(file, path, place));
    if (located && isWanted) {
      await damages.noting(async () => {
        for await (const piece of readData(file, path, located)) read?.(piece.length);
      });
    }
    const check = damages.isIn(path) ? 'damaged' : isWanted ? 'all' : 'ends';
    const { configuration } = located?.header ?? {};
    return { file: path, fileBytes, ...place, ...(configuration && { configuration }), counts, check };
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<DiskFile | undefined> {
  try {
    return await readOnlyDisk.open(path, 'existing');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
