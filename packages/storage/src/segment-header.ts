import { ByteReader, ByteWriter } from '@decoraft/base';
import { crc32 } from 'node:zlib';

/** What a segment says of itself. Written together with its first record, not before. */
export interface SegmentHeader {
  readonly formatVersion: number;
  /** Segments are numbered from 1 on, without a gap; the file's name says the same number. */
  readonly sequence: number;
  /** One behind the last index when the segment was begun; its first record may go back behind it. */
  readonly firstIndex: number;
  /** How many bytes of the segment before this one are in use; 0 in the first. */
  readonly previousEnd: number;
  /** The first segment that was still needed when this one was begun. Those before it may be recycled. */
  readonly oldestSequence: number;
  /** The size of the file. */
  readonly segmentBytes: number;
  /** Whether what follows the last record may be left from an earlier life of the file. */
  readonly recycled: boolean;
}

/** What this release writes. */
export const FORMAT_VERSION = 3;
/** The oldest that it reads. */
const OLDEST_FORMAT_VERSION = 1;
/** Before, a seal said nothing but that the next segment was begun. */
export const SEALED_WITH_INDEX_SINCE = 3;
export const SEGMENT_HEADER_BYTES = 64;

const MAGIC = new TextEncoder().encode('DECORAFT');
const CHECKSUM_AT = 60;

export function isKnownFormat(version: unknown): boolean {
  return typeof version === 'number' && version >= OLDEST_FORMAT_VERSION && version <= FORMAT_VERSION;
}

export function encodeSegmentHeader(header: SegmentHeader, salt: number): Uint8Array {
  const writer = new ByteWriter(SEGMENT_HEADER_BYTES)
    .raw(MAGIC)
    .u32(header.formatVersion)
    .u32(header.recycled ? 1 : 0)
    .u53(header.sequence)
    .u53(header.firstIndex)
    .u53(header.previousEnd)
    .u53(header.oldestSequence)
    .u53(header.segmentBytes)
    .raw(new Uint8Array(CHECKSUM_AT - 56));
  return writer.u32(crc32(writer.finish(), salt)).finish();
}

/** The header at the start of `bytes`; `undefined` when there is none, or it is damaged. */
export function decodeSegmentHeader(bytes: Uint8Array, salt: number): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  const reader = new ByteReader(bytes.subarray(0, SEGMENT_HEADER_BYTES));
  const magic = reader.raw(MAGIC.length);
  if (!MAGIC.every((byte, at) => magic[at] === byte)) return undefined;
  const stored = new ByteReader(bytes.subarray(CHECKSUM_AT)).u32();
  if (stored !== crc32(bytes.subarray(0, CHECKSUM_AT), salt)) return undefined;
  return {
    formatVersion: reader.u32(),
    recycled: reader.u32() === 1,
    sequence: reader.u53(),
    firstIndex: reader.u53(),
    previousEnd: reader.u53(),
    oldestSequence: reader.u53(),
    segmentBytes: reader.u53(),
  };
}
