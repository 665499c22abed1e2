import { join } from 'node:path';
import type { Logger } from '@decoraft/base';
import type { Disk } from './disk.js';
import { corrupted } from './errors.js';
import { type LogRecord, readRecord } from './record.js';
import { checkHeader, SEGMENT_HEADER_BYTES, segmentName, segmentNumber } from './segment.js';

/** Where the log goes on, and whether something behind it must be made zeros first. */
export interface LogEnd {
  readonly segment: number;
  /** The first free byte of that segment. */
  readonly offset: number;
  /** The segment's length. */
  readonly size: number;
  readonly lastRecord: number;
  /** A write that never became durable: bytes behind `offset` that are not zeros. */
  readonly isTorn: boolean;
}

interface Damage {
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
}

/**
 * Reads the log from its first segment to its end and hands every record to `replay`. It changes nothing.
 *
 * A record that does not check is either torn, the last write before a crash, or damage. It is damage when some
 * later record was written after it had become durable; then nobody here can know what is missing.
 *
 * @returns `undefined` where no log has begun.
 * @throws StorageError `Corrupted`, with file and offset.
 */
export async function recover(
  disk: Disk,
  directory: string,
  replay: (record: LogRecord) => void,
  logger: Logger,
): Promise<LogEnd | undefined> {
  const numbers = (await disk.list(directory))
    .flatMap((name) => segmentNumber(name) ?? [])
    .toSorted((left, right) => left - right);
  let end: LogEnd | undefined;
  let damage: Damage | undefined;
  for (const [at, number] of numbers.entries()) {
    const file = join(directory, segmentName(number));
    if (number !== at + 1) throw corrupted(file, 0, `segment ${at + 1} before it is missing`);
    const bytes = (await disk.read(file)) ?? new Uint8Array(0);
    checkHeader(file, number, bytes);
    const expected = (end?.lastRecord ?? 0) + 1;
    if (damage) refuseIfDurable(damage, expected, number, bytes, SEGMENT_HEADER_BYTES);
    if (damage || (end && !hasRecords(number, bytes))) continue;
    const scanned = scan(number, bytes, expected, replay);
    end = { segment: number, size: bytes.length, ...scanned, isTorn: scanned.damaged !== undefined };
    if (scanned.damaged !== undefined) {
      damage = { file, offset: scanned.offset, reason: scanned.damaged };
      refuseIfDurable(damage, end.lastRecord + 1, number, bytes, scanned.offset);
    }
  }
  if (damage) logger.log('warn', 'a torn write at the end of the log is cut', { ...damage });
  return end;
}

function scan(
  segment: number,
  bytes: Uint8Array,
  firstRecord: number,
  replay: (record: LogRecord) => void,
): { readonly offset: number; readonly lastRecord: number; readonly damaged: string | undefined } {
  let offset = SEGMENT_HEADER_BYTES;
  for (let expected = firstRecord; ; expected++) {
    const result = readRecord(segment, bytes, offset);
    const lastRecord = expected - 1;
    if (result.kind === 'damaged') return { offset, lastRecord, damaged: result.reason };
    if (result.kind === 'end') {
      // Behind the end all is zeros; a write whose beginning is missing shows here.
      const rest = bytes.subarray(offset).some((byte) => byte !== 0);
      return { offset, lastRecord, damaged: rest ? 'bytes stand behind the end of the log' : undefined };
    }
    if (result.record.number !== expected)
      return { offset, lastRecord, damaged: `record ${expected} is missing` };
    replay(result.record);
    offset += result.bytes;
  }
}

function hasRecords(segment: number, bytes: Uint8Array): boolean {
  return readRecord(segment, bytes, SEGMENT_HEADER_BYTES).kind !== 'end';
}

/** Looks at every byte from `from` on for a record that knew the missing one to be durable. */
function refuseIfDurable(
  damage: Damage,
  missing: number,
  segment: number,
  bytes: Uint8Array,
  from: number,
): void {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0) continue;
    const result = readRecord(segment, bytes, at);
    if (result.kind === 'record' && result.record.durable >= missing) {
      throw corrupted(damage.file, damage.offset, `${damage.reason}, and later records are whole`);
    }
  }
}
