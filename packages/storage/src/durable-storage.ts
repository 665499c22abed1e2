import {
  type Clock,
  type Logger,
  messageOf,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@decoraft/base';
import type { Disk } from './disk.js';
import { DurableLog } from './durable-log.js';
import { LogView } from './log-view.js';
import { type Metadata, METADATA_FILE, readMetadata, writeMetadata } from './metadata.js';
import { nodeDisk } from './node-disk.js';
import { checkOwner, type Owner } from './owner.js';
import { readBackFrom } from './read-back.js';
import { recoverLog } from './recovery.js';
import { repairLog } from './repair.js';
import {
  createSegment,
  DEFAULT_SEGMENT_BYTES,
  MIN_SEGMENT_BYTES,
  segmentPath,
  sequenceOf,
} from './segment.js';
import { FORMAT_VERSION } from './segment-header.js';
import { SegmentWriter } from './segment-writer.js';
import { SnapshotFiles } from './snapshot-files.js';
import { recoverSnapshots } from './snapshot-recovery.js';
import { corrupted, StorageError } from './storage-error.js';
import type { MeasuredLogStore, OpenOptions, Storage } from './storage.js';
import { lengthWithoutTrailingZeros, readAll } from './whole-file.js';
import { join } from 'node:path';

export interface DurableStorageOptions {
  /** Told of records that were cut off at recovery (`warn`) and of failures (`error`). Silent by default. */
  readonly logger?: Logger;
  /**
   * The size of a segment file in bytes, 16 MiB by default, at least 4,096. The disk must have room for one more
   * segment than are in use. A batch that is larger gets a segment of its own size.
   */
  readonly segmentBytes?: number;
  /**
   * How much memory the newest entries may take, in bytes; 32 MiB by default. What is not durable yet stays in memory
   * beyond that. Older entries are read from the disk when they are asked for, which blocks the process meanwhile.
   */
  readonly cacheBytes?: number;
  /** How many snapshots are kept, at least 1; 2 by default, in case that the disk damages the newest. */
  readonly keptSnapshots?: number;
  /** The file system; the machine's own by default. */
  readonly disk?: Disk;
  /** Says when to look again after the disk was full; the process's own by default. */
  readonly clock?: Clock;
  /** Where the directory's salt comes from; the process's randomness by default. */
  readonly random?: Random;
}

const DEFAULT_CACHE_BYTES = 32 << 20;
const DEFAULT_KEPT_SNAPSHOTS = 2;

/** A storage whose log tells what it costs. */
export interface DurableStorage extends Storage {
  open(options: OpenOptions): Promise<MeasuredLogStore>;
}

/**
 * Keeps the log in `directory`, which is created where missing and belongs to one node for good.
 *
 * Throws a StorageError `InvalidArgument` for a segment size below the minimum, a cache of less than no bytes, or less
 * than one snapshot.
 */
export function durableStorage(directory: string, options: DurableStorageOptions = {}): DurableStorage {
  const segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
  if (!Number.isSafeInteger(segmentBytes) || segmentBytes < MIN_SEGMENT_BYTES) {
    throw new StorageError(
      'InvalidArgument',
      `segmentBytes is ${segmentBytes}, at least ${MIN_SEGMENT_BYTES} is needed`,
    );
  }
  const place: Place = {
    directory,
    segmentBytes,
    cacheBytes: checkedCacheBytes(options.cacheBytes),
    keptSnapshots: checkedKept(options.keptSnapshots),
    disk: options.disk ?? nodeDisk,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
  return {
    async open(owner) {
      try {
        return await openDirectory(place, owner);
      } catch (error) {
        throw StorageError.from(error, `${directory} could not be opened`);
      }
    },
  };
}

function checkedCacheBytes(cacheBytes = DEFAULT_CACHE_BYTES): number {
  if (cacheBytes >= 0) return cacheBytes;
  throw new StorageError('InvalidArgument', `cacheBytes is ${cacheBytes}, it must not be below 0`);
}

function checkedKept(keptSnapshots = DEFAULT_KEPT_SNAPSHOTS): number {
  if (Number.isSafeInteger(keptSnapshots) && keptSnapshots >= 1) return keptSnapshots;
  throw new StorageError('InvalidArgument', `keptSnapshots is ${keptSnapshots}, it must be at least 1`);
}

type Place = Required<DurableStorageOptions> & { readonly directory: string };

async function openDirectory(place: Place, options: OpenOptions): Promise<MeasuredLogStore> {
  const { directory, disk, logger } = place;
  await disk.createDirectory(directory);
  const lock = await disk.lock(directory);
  try {
    const known = await readMetadata(disk, directory);
    const owner = checkOwner(known?.owner, options, directory);
    const hasSegments = await checkSegments(place, known !== undefined);
    const { salt } = known ?? (await createLog(place, owner, hasSegments));
    const recovered = await recoverLog({ disk, directory, salt });
    const { content, index } = recovered;
    const view = new LogView(content, readBackFrom({ disk, directory, salt, index }));
    const { known: places, newest } = await recoverSnapshots(place, view);
    // A cluster that is named for the first time, or a format that older releases must be kept from; not before
    // recovery, which may refuse and then changes nothing.
    const isOutdated = known && (owner.clusterId !== known.owner.clusterId || known.format < FORMAT_VERSION);
    if (isOutdated) await writeMetadata(disk, directory, { owner, salt });
    const state = await repairLog(recovered, { ...place, salt });
    view.recoverSnapshot(newest);
    const segments = new SegmentWriter(state, {
      ...place,
      salt,
      onDiskFull: options.onDiskFull ?? (() => undefined),
    });
    const snapshots = new SnapshotFiles(places, place);
    const { cacheBytes } = place;
    return new DurableLog({ directory, diskId: salt, view, segments, snapshots, lock, logger, cacheBytes });
  } catch (error) {
    await lock.release().catch((failure: unknown) => {
      logger.log('error', `the lock could not be released: ${messageOf(failure)}`, { directory });
    });
    throw error;
  }
}

/** Makes a new directory its first owner's. */
async function createLog(place: Place, owner: Owner, hasSegments: boolean): Promise<Pick<Metadata, 'salt'>> {
  const { directory, disk, random, segmentBytes } = place;
  // The first segment comes before the metadata: where there is metadata, a missing segment is a loss.
  if (!hasSegments) await (await createSegment(disk, directory, 1, segmentBytes)).file.close();
  const metadata = { owner, salt: createSalt(random) };
  await writeMetadata(disk, directory, metadata);
  return metadata;
}

/** Whether there are segments. Without metadata there is at most the first, still empty: a first start cut short. */
async function checkSegments({ directory, disk }: Place, hasMetadata: boolean): Promise<boolean> {
  const sequences = (await disk.list(directory)).map(sequenceOf).filter((sequence) => sequence !== undefined);
  if (hasMetadata) {
    if (sequences.length === 0) throw corrupted(segmentPath(directory, 1), 0, 'all segments are missing');
    return true;
  }
  for (const sequence of sequences) {
    if (sequence !== 1 || !(await isEmptySegment(disk, segmentPath(directory, sequence)))) {
      throw corrupted(join(directory, METADATA_FILE), 0, 'the file is missing, though there are segments');
    }
  }
  return sequences.length > 0;
}

async function isEmptySegment(disk: Disk, path: string): Promise<boolean> {
  const file = await disk.open(path, 'existing');
  try {
    return lengthWithoutTrailingZeros(await readAll(file, 0, await file.size())) === 0;
  } finally {
    await file.close();
  }
}

/** Never 0, because it also names the disk. */
function createSalt(random: Random): number {
  return 1 + Math.floor(random() * 0xffff_ffff);
}
