import { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';

const IMAGE_FORMAT = 1;
/** The format, and the length of the members. */
const PREFIX_BYTES = 5;

/**
 * The data of a snapshot: all that was agreed on up to its index. Who votes stands beside it, in the snapshot's
 * configuration (checklist C25, C32).
 */
export interface NodeImage {
  /** See `Members.encode`. */
  readonly members: Uint8Array;
  /** See `ReplicaView.chunks`. */
  readonly replica: AsyncIterable<Uint8Array>;
}

/** What stands before the chunks of the replica. */
export function encodeImageHead(members: Uint8Array): Uint8Array {
  return new ByteWriter(PREFIX_BYTES + members.length).u8(IMAGE_FORMAT).bytes(members).finish();
}

/**
 * Reads as much of an image as stands before the replica, which is read from the same chunks afterwards.
 *
 * @throws DecoraftError `Corrupted` for an unknown format, or an image that ends too early; what `chunks` throws.
 */
export async function readImage(chunks: AsyncIterable<Uint8Array>): Promise<NodeImage> {
  const iterator = chunks[Symbol.asyncIterator]();
  let read = await take(iterator, new Uint8Array(0), PREFIX_BYTES);
  const prefix = new ByteReader(read);
  const format = prefix.u8();
  if (format !== IMAGE_FORMAT) throw corrupted(`format ${format} is not known to this build`);
  const end = PREFIX_BYTES + prefix.u32();
  read = await take(iterator, read, end);
  return { members: read.slice(PREFIX_BYTES, end), replica: rest(read.subarray(end), iterator) };
}

/** `read`, and what follows on it, until that is `length` bytes at least. */
async function take(
  iterator: AsyncIterator<Uint8Array>,
  read: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const pieces = [read];
  let bytes = read.length;
  while (bytes < length) {
    const next = await iterator.next();
    if (next.done === true) throw corrupted(`it ends before byte ${length}`);
    pieces.push(next.value);
    bytes += next.value.length;
  }
  const writer = new ByteWriter(bytes);
  for (const piece of pieces) writer.raw(piece);
  return writer.finish();
}

async function* rest(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function corrupted(what: string): DecoraftError {
  return new DecoraftError('Corrupted', `the data of a snapshot cannot be read: ${what}`);
}
