import { messageOf } from '@decoraft/base';
import { addExtension, Packr, REUSE_BUFFER_MODE, Unpackr } from 'msgpackr';
import { RpcError } from './errors.js';
import { TAGGED_VALUE_EXTENSION, TaggedValue, untag } from './tagged-value.js';
import { prepareValue } from './value-preparation.js';
import { scanValue } from './value-scanner.js';

addExtension({
  Class: TaggedValue,
  type: TAGGED_VALUE_EXTENSION,
  write: (tagged: TaggedValue) => tagged.items,
  read: untag,
});

const options = {
  // Records are faster to read only with shared structures, and compile code from what a peer sent.
  useRecords: false,
  mapsAsObjects: true,
  // Without it an object of more than 65,535 keys cannot be written.
  variableMapSize: true,
  // References make decoded values that no longer encode.
  structuredClone: false,
  // Otherwise the data `{ toJSON: 1 }` is called.
  useToJSON: false,
  useBigIntExtension: true,
  // Otherwise decoded bytes are views of the receive buffer.
  copyBuffers: true,
};
/** What `pack` gives back in this mode: no view of the result but the whole buffer. */
type Packed = Uint8Array & { readonly start: number; readonly end: number };

const packr = new Packr({ ...options });
const unpackr = new Unpackr({ ...options });

/**
 * Where small values are read from. msgpackr leaves a view and a property on every array that it reads from, which
 * cost more than reading a small value does: measured, half the time.
 */
const scratch = new Uint8Array(4_096);

/** An array of its own on the same bytes. */
function viewOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A value as bytes: undefined, null, booleans, every number, bigints of up to 1,024 bytes, well-formed strings,
 * Date, Uint8Array, arrays (a hole becomes undefined), Map, Set, and plain objects with any string keys, at most
 * 64 levels deep and 1,000,000 items in all.
 *
 * @throws RpcError `InvalidArgument` naming the path of what cannot be carried: functions, symbols, instances of
 *   classes, lone surrogates, and what is beyond these limits.
 */
export function encodeValue(value: unknown): Uint8Array {
  const prepared = prepareValue(value);
  try {
    // msgpackr's own buffer with the place in it, which it will not write to again: spares a view.
    const { buffer, byteOffset, start, end }: Packed = Object(packr.pack(prepared, REUSE_BUFFER_MODE));
    return new Uint8Array(buffer, byteOffset + start, end - start);
  } catch (cause) {
    throw new RpcError('InvalidArgument', `value cannot be carried: ${messageOf(cause)}`, { cause });
  }
}

/**
 * What {@link encodeValue} encoded, from bytes that nobody has vouched for. The result holds no view of `bytes`.
 *
 * @throws RpcError `InvalidArgument` naming the byte at which they are no such encoding or beyond the limits.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  scanValue(bytes);
  try {
    if (bytes.length > scratch.length) return unpackr.unpack(viewOf(bytes));
    scratch.set(bytes);
    return unpackr.unpack(scratch, bytes.length);
  } catch (cause) {
    throw new RpcError('InvalidArgument', `encoded value: ${messageOf(cause)}`, { cause });
  }
}
