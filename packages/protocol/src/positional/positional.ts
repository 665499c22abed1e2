/**
 * # Arguments by position
 *
 * Both sides know the types of arguments, so bytes need not repeat them: 0xC1 (with which no MessagePack begins), the
 * hash of their shape (`operation-hash.ts`), and the arguments one after the other. Reading is checking: what can be read has the
 * declared shape. A value that does not fit its type, or has properties that its type does not name, travels as
 * MessagePack, so that a method is given the same whichever way its arguments took, but for one thing: the properties of
 * an object come in the order of their names, those that are always there first.
 *
 * | Value | Bytes |
 * |---|---|
 * | a whole number n | 0 to 0xF7 as they are; else 0xF8, 0xF9 or 0xFA and 2, 4 or 6 bytes, the most significant first |
 * | `number`, `Date` | 2n, or -2n - 1 below zero, as a whole number up to 2^48; all else 0xFB and eight bytes |
 * | `boolean` | 0 or 1 |
 * | `bigint` | the length, and as much of two's complement |
 * | `string`, `Uint8Array` | the length in bytes, and them |
 * | a literal, `null`, `undefined` | nothing |
 * | a union | the number of the first option that fits, in canonical order (`canonicalOptions`), and the value |
 * | an object | its properties in that order; before one that is optional 0: absent, 1: there, 2: there and `undefined` |
 * | a tuple | its elements; how many there are beyond those that always are, where that may vary |
 * | an array, Map, Set, record, rest | how many elements, and them; one that takes no byte takes a zero |
 * | an optional argument or element | 0: `undefined`, or 1 and the value |
 *
 * Everything has one form. Depth, items and lengths have the limits of MessagePack's side, and are checked before memory
 * is taken. What is here goes by the schema and is meant to be believed; `write.ts` and `read.ts` are what emitted code
 * calls, and fuzzed against it.
 *
 * What is not here: a fixed order of a Set's or Map's entries. They come as they were sent.
 */
import { argumentsHash } from '../operation-hash.js';
import type { Types } from '../types.js';
import { type Positional, travelsByPosition } from './layout.js';
import { HEADER_BYTES, POSITIONAL_MARK } from './limits.js';
import { ReferenceReader } from './reference-reader.js';
import { Misfit, ReferenceWriter } from './reference-writer.js';

/**
 * The arguments of a call by position.
 *
 * @returns `undefined` for what does not fit, and for operations whose arguments do not travel so.
 */
export function encodePositional(
  operation: Positional,
  types: Types,
  args: readonly unknown[],
): Uint8Array | undefined {
  if (!travelsByPosition(operation, types)) return undefined;
  const writer = new ReferenceWriter(types);
  try {
    writer.arguments(operation.parameters, operation.rest, args);
  } catch (thrown) {
    if (thrown instanceof Misfit) return undefined;
    throw thrown;
  }
  const bytes = new Uint8Array(HEADER_BYTES + writer.bytes.length);
  bytes[0] = POSITIONAL_MARK;
  new DataView(bytes.buffer).setUint32(1, argumentsHash(operation, types));
  bytes.set(writer.bytes, HEADER_BYTES);
  return bytes;
}

/**
 * What {@link encodePositional} encoded for arguments of the same shape, which is for the caller to see to.
 *
 * @param where The call, for the message: `users.set`.
 * @throws DecoraftError `InvalidArgument` which names the byte at fault.
 */
export function decodePositional(
  operation: Positional,
  types: Types,
  bytes: Uint8Array,
  where: string,
): readonly unknown[] {
  return new ReferenceReader(bytes, HEADER_BYTES, types, where).arguments(
    operation.parameters,
    operation.rest,
  );
}
