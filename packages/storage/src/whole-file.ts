import type { DiskFile } from './disk.js';

/** Zeros are written in pieces of this size. */
const ZEROS = new Uint8Array(1 << 20);

/** Writes all of `bytes`: the system may take fewer at a time than it is given. */
export function writeAll(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  return inPieces(bytes, (rest, written) => file.write(rest, position + written));
}

/** As {@link writeAll}; all of `bytes` is durable when it resolves. Writes and flushes in one call where there is one. */
export async function writeAllDurably(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  const writeDurably = file.writeDurably?.bind(file);
  if (writeDurably) {
    return inPieces(bytes, (rest, written) => writeDurably(rest, position + written));
  }
  await writeAll(file, bytes, position);
  await file.fdatasync();
}

async function inPieces(
  bytes: Uint8Array,
  write: (rest: Uint8Array, written: number) => Promise<number>,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const count = await write(written === 0 ? bytes : bytes.subarray(written), written);
    if (count <= 0) throw new Error(`the disk took none of ${bytes.length - written} bytes`);
    written += count;
  }
}

/** The bytes from `position` on, `count` of them or as many as there are. */
export async function readAll(file: DiskFile, position: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const read = await file.read(bytes.subarray(filled), position + filled);
    if (read <= 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

/** Writes zeros from `from` up to, not including, `to`. */
export async function writeZeros(file: DiskFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += ZEROS.length) {
    await writeAll(file, ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
}

/** The count of bytes up to the last that is not zero. */
export function lengthWithoutTrailingZeros(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}
