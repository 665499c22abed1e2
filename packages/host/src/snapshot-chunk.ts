import { ByteReader, ByteWriter } from '@decoraft/base';
import type { InstallSnapshotRequest, SnapshotDescription } from '@decoraft/raft';
import { DecoraftError } from '@decoraft/protocol';
import { type AddressedMessage, decodeMessage, encodeMessage } from './raft-wire.js';

/** A message that carries a snapshot's place, not its data. */
export type SnapshotMessage = AddressedMessage & { readonly message: InstallSnapshotRequest };

/** A piece of a snapshot on its way to a follower (§7, figure 13). One without data asks how much is there. */
export interface SnapshotChunk {
  /** The message that the follower steps when it has everything. */
  readonly header: SnapshotMessage;
  /** Bytes of the whole snapshot. */
  readonly totalBytes: number;
  /** Of the whole snapshot: what arrives is checked before it replaces anything. */
  readonly checksum: number;
  /** Where in it this piece belongs. */
  readonly offset: number;
  readonly data: Uint8Array;
}

export function encodeChunk({ checksum, data, header, offset, totalBytes }: SnapshotChunk): Uint8Array {
  return new ByteWriter(256 + data.length)
    .bytes(encodeMessage(header))
    .u53(totalBytes)
    .u32(checksum)
    .u53(offset)
    .raw(data)
    .finish();
}

/** @throws CodedError `InvalidArgument` for bytes that are no piece of a snapshot. */
export function decodeChunk(bytes: Uint8Array): SnapshotChunk {
  const reader = new ByteReader(bytes);
  const addressed = decodeMessage(reader.bytes());
  const { message } = addressed;
  if (message.kind !== 'install-snapshot-request') {
    throw new DecoraftError('InvalidArgument', `a piece of a snapshot came with a ${message.kind}`);
  }
  const place = { totalBytes: reader.u53(), checksum: reader.u32(), offset: reader.u53() };
  return { header: { ...addressed, message }, ...place, data: reader.rest() };
}

/** The snapshot that a piece belongs to. */
export function descriptionOf({ checksum, header, totalBytes }: SnapshotChunk): SnapshotDescription {
  return { ...header.message.snapshot, dataBytes: totalBytes, checksum };
}

/** The answer to a piece: how many bytes of the snapshot the follower has. The next piece begins there. */
export function encodeReceived(bytes: number): Uint8Array {
  return new ByteWriter(8).u53(bytes).finish();
}

export function decodeReceived(answer: Uint8Array): number {
  return new ByteReader(answer).u53();
}
