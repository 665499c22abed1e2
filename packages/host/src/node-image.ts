import { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';

const IMAGE_FORMAT = 1;

/**
 * The data of a snapshot: all that was agreed on up to its index. Who votes stands beside it, in the snapshot's
 * configuration (checklist C25, C32).
 */
export interface NodeImage {
  /** See `Members.encode`. */
  readonly members: Uint8Array;
  /** See `Replica.snapshot`. */
  readonly replica: Uint8Array;
}

export function encodeImage({ members, replica }: NodeImage): Uint8Array {
  const size = 16 + members.length + replica.length;
  return new ByteWriter(size).u8(IMAGE_FORMAT).bytes(members).raw(replica).finish();
}

/** @throws DecoraftError `Corrupted` for an unknown format. */
export function decodeImage(data: Uint8Array): NodeImage {
  const reader = new ByteReader(data);
  const format = reader.u8();
  if (format === IMAGE_FORMAT) return { members: reader.bytes(), replica: reader.rest() };
  throw new DecoraftError('Corrupted', `snapshot format ${format} is not known to this build`);
}
