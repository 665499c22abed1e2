import { ByteReader, ByteWriter, MalformedBytes } from '@decoraft/base';
import type { Configuration, Index, NodeId, SnapshotDescription, Term } from '@decoraft/raft';
import { crc32 } from 'node:zlib';

/** Counted for itself: a change of the segments' format is none of a snapshot's. */
export const SNAPSHOT_FORMAT_VERSION = 2;

/** What a snapshot file says of itself, before the data. FORMAT.md has the picture. */
export type SnapshotHeader = SnapshotDescription;

/** How many bytes must be read to know how long the header is. */
export const SNAPSHOT_PREFIX_BYTES = 16;

const MAGIC = new TextEncoder().encode('DECOSNAP');
const CHECKSUM_BYTES = 4;

/** The salt of the directory has no part in it: the file may be carried to another one. */
export function encodeSnapshotHeader(header: SnapshotHeader): Uint8Array {
  const writer = new ByteWriter()
    .u53(header.index)
    .u53(header.term)
    .u53(header.dataBytes)
    .u32(header.checksum);
  writeConfiguration(writer, header.configuration);
  const fields = writer.finish();
  const prefixed = new ByteWriter()
    .raw(MAGIC)
    .u32(SNAPSHOT_FORMAT_VERSION)
    .u32(SNAPSHOT_PREFIX_BYTES + fields.length + CHECKSUM_BYTES)
    .raw(fields);
  return prefixed.u32(crc32(prefixed.finish())).finish();
}

/** How long the header is that begins with `prefix`. Throws `MalformedBytes` when it is no such beginning. */
export function snapshotHeaderBytes(prefix: Uint8Array): number {
  const reader = new ByteReader(prefix);
  const magic = reader.raw(MAGIC.length);
  if (!MAGIC.every((byte, at) => magic[at] === byte)) throw new MalformedBytes('this is no snapshot');
  reader.u32();
  return reader.u32();
}

/** The format version is checked by the caller, who can say more; the checksum is checked here. */
export function decodeSnapshotVersion(header: Uint8Array): number {
  const checked = header.subarray(0, Math.max(0, header.length - CHECKSUM_BYTES));
  const stored = new ByteReader(header.subarray(checked.length)).u32();
  if (stored !== crc32(checked)) throw new MalformedBytes('the checksum of the header does not match');
  return new ByteReader(header.subarray(MAGIC.length)).u32();
}

/** What {@link encodeSnapshotHeader} wrote. Throws `MalformedBytes` for anything else. */
export function decodeSnapshotHeader(header: Uint8Array): SnapshotHeader {
  const reader = new ByteReader(header.subarray(SNAPSHOT_PREFIX_BYTES, header.length - CHECKSUM_BYTES));
  const index = reader.u53() as Index;
  const term = reader.u53() as Term;
  const dataBytes = reader.u53();
  const checksum = reader.u32();
  const configuration = readConfiguration(reader);
  reader.end();
  return { index, term, configuration, dataBytes, checksum };
}

function writeConfiguration(writer: ByteWriter, configuration: Configuration): void {
  const { autoLeave, learners, learnersNext, voters, votersOutgoing } = configuration;
  for (const ids of [voters, votersOutgoing, learners, learnersNext]) {
    writer.u32(ids.length);
    for (const id of ids) writer.text(id);
  }
  writer.u8(autoLeave ? 1 : 0);
}

function readConfiguration(reader: ByteReader): Configuration {
  const voters = readIds(reader);
  const votersOutgoing = readIds(reader);
  const learners = readIds(reader);
  const learnersNext = readIds(reader);
  return { voters, votersOutgoing, learners, learnersNext, autoLeave: reader.u8() === 1 };
}

function readIds(reader: ByteReader): readonly NodeId[] {
  const ids: NodeId[] = [];
  for (let left = reader.u32(); left > 0; left--) ids.push(reader.text() as NodeId);
  return ids;
}
