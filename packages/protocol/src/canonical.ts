import { ByteWriter } from '@decoraft/base';
import { DecoraftError } from './errors.js';

/** One byte before every value; part of what is on disk, so never renumbered. */
const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  string: 6,
  date: 7,
  bytes: 8,
  array: 9,
  object: 10,
  map: 11,
  set: 12,
  typedArray: 13,
} as const;

const DEPTH_LIMIT = 64;

/** So many bytes become text at once: as arguments of one call, of which engines take some ten thousand. */
const PIECE_BYTES = 4_096;

/**
 * The one encoding of a value by which events are matched: equal values give equal bytes on every build and
 * platform. Equality is that of a Map's keys (SameValueZero: -0 is 0, NaN is NaN), extended to structure: the
 * order of keys does not count, a property that is `undefined` is absent, the order of Maps and Sets does not
 * count, a typed array equals those of its own kind. Strings are their UTF-16 units: nothing is normalised, and lone
 * surrogates stay apart.
 *
 * @throws DecoraftError `InvalidArgument` for what is not data, or is nested deeper than 64 levels.
 */
export function canonicalEncode(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  write(writer, value, 0);
  return writer.finish();
}

/**
 * {@link canonicalEncode} as a string, one character a byte: the key of any data in a Map. Two values have the same one
 * where events would take them for equal.
 *
 * @throws DecoraftError `InvalidArgument` for what is not data, or is nested deeper than 64 levels.
 */
export function canonicalKey(value: unknown): string {
  const bytes = canonicalEncode(value);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES)));
  }
  return pieces.join('');
}

function write(writer: ByteWriter, value: unknown, depth: number): void {
  if (depth > DEPTH_LIMIT) {
    throw new DecoraftError('InvalidArgument', `a value is nested deeper than ${DEPTH_LIMIT} levels`);
  }
  switch (typeof value) {
    case 'undefined':
      return void writer.u8(TAG.undefined);
    case 'boolean':
      return void writer.u8(value ? TAG.true : TAG.false);
    case 'number':
      return writeNumber(writer.u8(TAG.number), value);
    case 'bigint':
      return void writer.u8(TAG.bigint).text(value.toString(16));
    case 'string':
      return writeString(writer.u8(TAG.string), value);
    case 'object':
      return writeObject(writer, value, depth);
    default:
      throw new DecoraftError('InvalidArgument', `a ${typeof value} is not data`);
  }
}

/** Adding zero makes 0 of -0; every NaN is written as the one that JavaScript makes. */
function writeNumber(writer: ByteWriter, value: number): void {
  writer.f64(Number.isNaN(value) ? Number.NaN : value + 0);
}

/** Of its own kind: an `Int8Array` equals no `Float64Array`, and no array, whatever is in them. */
function writeTypedArray(writer: ByteWriter, value: ArrayBufferView): void {
  if (value instanceof DataView) throw new DecoraftError('InvalidArgument', 'a DataView is not data');
  const elements = value as unknown as ArrayLike<number | bigint>;
  writer.u8(TAG.typedArray).text(value.constructor.name).u32(elements.length);
  for (let at = 0; at < elements.length; at++) write(writer, elements[at], 0);
}

function writeString(writer: ByteWriter, value: string): void {
  writer.u32(value.length);
  for (let at = 0; at < value.length; at++) writer.u16(value.charCodeAt(at));
}

function writeObject(writer: ByteWriter, value: object | null, depth: number): void {
  if (value === null) return void writer.u8(TAG.null);
  if (value instanceof Date) return writeNumber(writer.u8(TAG.date), value.getTime());
  if (value instanceof Uint8Array) return void writer.u8(TAG.bytes).bytes(value);
  if (ArrayBuffer.isView(value)) return writeTypedArray(writer, value);
  if (Array.isArray(value)) {
    writer.u8(TAG.array).u32(value.length);
    for (const element of value) write(writer, element, depth + 1);
    return;
  }
  if (value instanceof Map) {
    return writeSorted(
      writer.u8(TAG.map),
      [...value].map((pair) => encodeAll(pair, depth)),
    );
  }
  if (value instanceof Set) {
    return writeSorted(
      writer.u8(TAG.set),
      [...value].map((element) => encodeAll([element], depth)),
    );
  }
  const present = Object.entries(value).filter(([, element]) => element !== undefined);
  present.sort(([left], [right]) => (left < right ? -1 : 1));
  writer.u8(TAG.object).u32(present.length);
  for (const [key, element] of present) {
    writeString(writer, key);
    write(writer, element, depth + 1);
  }
}

function encodeAll(values: readonly unknown[], depth: number): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) write(writer, value, depth + 1);
  return writer.finish();
}

function writeSorted(writer: ByteWriter, parts: Uint8Array[]): void {
  parts.sort(compareBytes);
  writer.u32(parts.length);
  for (const part of parts) writer.raw(part);
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const common = Math.min(left.length, right.length);
  for (let at = 0; at < common; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
