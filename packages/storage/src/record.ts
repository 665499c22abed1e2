import { crc32 } from 'node:zlib';

/**
 * The frame of a record: what one flush makes durable, whole or not at all. FORMAT.md has the picture.
 *
 * A record names its own place (segment and position), and both checksums start from the directory's salt. So
 * neither what a recycled segment still holds, nor bytes of an entry that look like a record, can pass for one.
 */
export const RECORD_HEADER_BYTES = 32;

/** 'DREC' in the order of the file's bytes. */
const MAGIC = Buffer.from('DREC', 'latin1');
const HEADER_CHECKSUM_AT = 28;

/** Where a record stands. */
export interface RecordPlace {
  readonly sequence: number;
  /** The byte of the segment file at which the header begins. */
  readonly position: number;
}

/**
 * Completes a record in place: the body is there already, `RECORD_HEADER_BYTES` behind `at`, and reaches to the
 * end of `bytes`.
 */
export function completeRecord(bytes: Uint8Array, at: number, place: RecordPlace, salt: number): void {
  const body = bytes.subarray(at + RECORD_HEADER_BYTES);
  const header = viewOf(bytes, at);
  bytes.set(MAGIC, at);
  header.setUint32(4, body.length, true);
  header.setBigUint64(8, BigInt(place.sequence), true);
  header.setBigUint64(16, BigInt(place.position), true);
  header.setUint32(24, crc32(body, salt), true);
  header.setUint32(HEADER_CHECKSUM_AT, crc32(bytes.subarray(at, at + HEADER_CHECKSUM_AT), salt), true);
}

/**
 * The body of the record that stands at `place`, as a view; `undefined` if none is there whole. `bytes` are those of
 * the segment from the position `base` on.
 */
export function readRecord(
  bytes: Uint8Array,
  place: RecordPlace,
  salt: number,
  base = 0,
): Uint8Array | undefined {
  const length = readRecordLength(bytes, place, salt, base);
  if (length === undefined) return undefined;
  const at = place.position - base;
  const body = bytes.subarray(at + RECORD_HEADER_BYTES, at + length);
  if (body.length !== length - RECORD_HEADER_BYTES) return undefined;
  return crc32(body, salt) === viewOf(bytes, at).getUint32(24, true) ? body : undefined;
}

/** How long the record at `place` is with its header, says the header; `undefined` if that is not there whole. */
export function readRecordLength(
  bytes: Uint8Array,
  place: RecordPlace,
  salt: number,
  base = 0,
): number | undefined {
  if (!hasRecordHeader(bytes, place, salt, base)) return undefined;
  return RECORD_HEADER_BYTES + viewOf(bytes, place.position - base).getUint32(4, true);
}

/**
 * Where the next record behind `from` was begun. Its header is proof enough: a record is begun only after the one
 * before it was flushed.
 */
export function findRecordHeader(segment: Uint8Array, from: RecordPlace, salt: number): number | undefined {
  const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength);
  let position = bytes.indexOf(MAGIC, from.position);
  while (position !== -1) {
    if (hasRecordHeader(segment, { sequence: from.sequence, position }, salt)) return position;
    position = bytes.indexOf(MAGIC, position + 1);
  }
  return undefined;
}

function hasRecordHeader(
  bytes: Uint8Array,
  { position, sequence }: RecordPlace,
  salt: number,
  base = 0,
): boolean {
  const at = position - base;
  if (at < 0 || at + RECORD_HEADER_BYTES > bytes.length) return false;
  const header = viewOf(bytes, at);
  const checked = bytes.subarray(at, at + HEADER_CHECKSUM_AT);
  return (
    MAGIC.every((byte, place) => checked[place] === byte) &&
    header.getBigUint64(8, true) === BigInt(sequence) &&
    header.getBigUint64(16, true) === BigInt(position) &&
    header.getUint32(HEADER_CHECKSUM_AT, true) === crc32(checked, salt)
  );
}

function viewOf(bytes: Uint8Array, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEADER_BYTES);
}
