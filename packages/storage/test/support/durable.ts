import type { Logger, LogLevel } from '@decoraft/base';
import { durableStorage, type DurableStorageOptions } from '../../src/durable-storage.js';
import { StorageError } from '../../src/storage-error.js';
import type { MeasuredLogStore } from '../../src/storage.js';
import { NODE_A } from './entries.js';
import { SimulatedDisk } from '../../src/simulated-disk.js';

export const SEGMENT_BYTES = 4_096;
const RANDOM = 0.25;
/** The salt of directories that {@link openOn} creates. */
export const SALT = RANDOM * 2 ** 32;

/** Where segment `sequence` is on a simulated disk. */
export function segmentFile(sequence: number): string {
  return `data/${String(sequence).padStart(16, '0')}.segment`;
}

/** What a test may choose; segments of {@link SEGMENT_BYTES} by default. */
export type Sizes = Pick<DurableStorageOptions, 'cacheBytes' | 'segmentBytes'>;

export function openOn(disk: SimulatedDisk, logger?: Logger, sizes: Sizes = {}): Promise<MeasuredLogStore> {
  const options = { segmentBytes: SEGMENT_BYTES, ...sizes, disk: disk.forProcess(), random: () => RANDOM };
  return durableStorage('data', logger ? { ...options, logger } : options).open({ nodeId: NODE_A });
}

/** Opens and hands over; closes whatever happens. */
export async function withLog<Result>(
  disk: SimulatedDisk,
  use: (log: MeasuredLogStore) => Result | Promise<Result>,
): Promise<Result> {
  const log = await openOn(disk);
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

export function copyOf(disk: SimulatedDisk): SimulatedDisk {
  const copy = new SimulatedDisk();
  for (const [path, content] of disk.snapshot()) copy.put(path, content);
  return copy;
}

/** The error with which opening is refused, after checking that the refusal changed nothing. */
export async function refusalOf(disk: SimulatedDisk): Promise<StorageError> {
  const before = disk.snapshot();
  const refusal = await openOn(disk).then(
    () => new Error('it was opened'),
    (error: unknown) => error,
  );
  if (!(refusal instanceof StorageError)) throw refusal;
  const after = disk.snapshot();
  const isSame =
    before.size === after.size &&
    [...before].every(([path, content]) => Buffer.compare(content, after.get(path) ?? Buffer.of()) === 0);
  if (!isSame) throw new Error('a refusal changed the disk');
  return refusal;
}

/** A logger that keeps what it was told. */
export class RecordingLogger implements Logger {
  readonly told: { level: LogLevel; message: string; fields: Readonly<Record<string, unknown>> }[] = [];

  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.told.push({ level, message, fields });
  }
}
