import { join } from 'node:path';
import { ByteReader, ByteWriter } from '@decoraft/base';
import type { Disk, DiskFile } from './disk.js';
import { corrupted, StorageError } from './errors.js';

/** Before the first record: magic, format version, the segment's number, and room for more. */
export const SEGMENT_HEADER_BYTES = 32;
export const SEGMENT_BYTES = 16 * 1024 * 1024;

const MAGIC = new TextEncoder().encode('DCRFTLOG');
const FORMAT = 1;
const NAME = /^(\d{12})\.log$/;
const RESERVED = new Uint8Array(12);
const ZEROS = new Uint8Array(1024 * 1024);

export const segmentName = (number: number): string => `${String(number).padStart(12, '0')}.log`;

/** The number in a segment's file name; `undefined` for another file's name. */
export function segmentNumber(name: string): number | undefined {
  const match = NAME.exec(name);
  return match ? Number(match[1]) : undefined;
}

/**
 * Makes a segment: zeros to its full length, then its header, all durable, and only then under its own name. A
 * crash leaves either no segment or a whole one.
 */
export async function createSegment(
  disk: Disk,
  directory: string,
  { number, size }: { readonly number: number; readonly size: number },
): Promise<DiskFile> {
  const path = join(directory, segmentName(number));
  const aside = `${path}.new`;
  const file = await disk.open(aside, 'create');
  for (let at = 0; at < size; at += ZEROS.length) {
    await file.write(ZEROS.subarray(0, Math.min(ZEROS.length, size - at)), at);
  }
  await file.write(encodeHeader(number), 0);
  await file.fdatasync();
  await disk.rename(aside, path);
  await disk.syncDirectory(directory);
  return file;
}

function encodeHeader(number: number): Uint8Array {
  return new ByteWriter(SEGMENT_HEADER_BYTES).raw(MAGIC).u32(FORMAT).u53(number).raw(RESERVED).finish();
}

/** @throws StorageError `Corrupted` for a header that is not this file's. */
export function checkHeader(file: string, number: number, bytes: Uint8Array): void {
  if (bytes.length < SEGMENT_HEADER_BYTES)
    throw corrupted(file, bytes.length, 'the segment header is cut off');
  const reader = new ByteReader(bytes);
  if (!reader.raw(MAGIC.length).every((byte, at) => byte === MAGIC[at])) {
    throw corrupted(file, 0, 'this is no segment of a Decoraft log');
  }
  const format = reader.u32();
  if (format !== FORMAT) {
    throw new StorageError(
      'Corrupted',
      `${file} has format ${format}, this build reads ${FORMAT}: use a newer build`,
    );
  }
  const stated = reader.u53();
  if (stated !== number) throw corrupted(file, 12, `the segment says that it is number ${stated}`);
}
