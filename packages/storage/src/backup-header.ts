import { ByteReader, ByteWriter, MalformedBytes } from '@decoraft/base';
import type { Index, Term } from '@decoraft/raft';
import { crc32 } from 'node:zlib';

/** Counted for itself: a backup outlives the directories that it was made of. */
export const BACKUP_FORMAT_VERSION = 1;

/** Who was a member when a backup was made. */
export interface BackedUpMember {
  readonly id: string;
  readonly address: string;
  readonly role: string;
}

/** What a backup says of itself, before the data. FORMAT.md has the picture. */
export interface BackupDescription {
  /** The last entry that the data has, and its term. */
  readonly index: Index;
  readonly term: Term;
  /** When it was made, by the clock of the node that made it: milliseconds since 1970. */
  readonly timeMs: number;
  readonly dataBytes: number;
  /** CRC-32 of all the data. */
  readonly checksum: number;
  readonly clusterId: string;
  /** The node that made it. */
  readonly nodeId: string;
  readonly members: readonly BackedUpMember[];
}

/** How many bytes must be read to know how long the header is. */
export const BACKUP_PREFIX_BYTES = 16;

const MAGIC = new TextEncoder().encode('DECOBACK');
const CHECKSUM_BYTES = 4;
/** Far more than there can be members. */
const MAX_HEADER_BYTES = 1 << 24;

export function encodeBackupHeader(description: BackupDescription): Uint8Array {
  const { checksum, clusterId, dataBytes, index, members, nodeId, term, timeMs } = description;
  const writer = new ByteWriter(256)
    .u53(index)
    .u53(term)
    .u53(timeMs)
    .u53(dataBytes)
    .u32(checksum)
    .text(clusterId)
    .text(nodeId)
    .u32(members.length);
  for (const { address, id, role } of members) writer.text(id).text(address).text(role);
  const fields = writer.finish();
  const prefixed = new ByteWriter(BACKUP_PREFIX_BYTES + fields.length + CHECKSUM_BYTES)
    .raw(MAGIC)
    .u32(BACKUP_FORMAT_VERSION)
    .u32(BACKUP_PREFIX_BYTES + fields.length + CHECKSUM_BYTES)
    .raw(fields);
  return prefixed.u32(crc32(prefixed.finish())).finish();
}

/** Whether a file that begins with `prefix` is a backup, whole or not. */
export function isBackup(prefix: Uint8Array): boolean {
  return prefix.length >= MAGIC.length && MAGIC.every((byte, at) => prefix[at] === byte);
}

/** How long the header is that begins with `prefix`. Throws `MalformedBytes` when it is no such beginning. */
export function backupHeaderBytes(prefix: Uint8Array): number {
  if (!isBackup(prefix)) throw new MalformedBytes('this is no backup');
  const bytes = new ByteReader(prefix.subarray(MAGIC.length + 4)).u32();
  if (bytes > MAX_HEADER_BYTES) throw new MalformedBytes('the header is too long to be one');
  return bytes;
}

/** The format version, which stands in one place in all versions. Throws `MalformedBytes` for a damaged header. */
export function backupVersionOf(header: Uint8Array): number {
  const checked = header.subarray(0, Math.max(0, header.length - CHECKSUM_BYTES));
  const stored = new ByteReader(header.subarray(checked.length)).u32();
  if (stored !== crc32(checked)) throw new MalformedBytes('the checksum of the header does not match');
  return new ByteReader(header.subarray(MAGIC.length)).u32();
}

/** What {@link encodeBackupHeader} wrote in this version. Throws `MalformedBytes` for anything else. */
export function decodeBackupHeader(header: Uint8Array): BackupDescription {
  const reader = new ByteReader(header.subarray(BACKUP_PREFIX_BYTES, header.length - CHECKSUM_BYTES));
  const place = { index: reader.u53() as Index, term: reader.u53() as Term, timeMs: reader.u53() };
  const data = { dataBytes: reader.u53(), checksum: reader.u32() };
  const names = { clusterId: reader.text(), nodeId: reader.text() };
  const members: BackedUpMember[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    members.push({ id: reader.text(), address: reader.text(), role: reader.text() });
  }
  reader.end();
  return { ...place, ...data, ...names, members };
}
