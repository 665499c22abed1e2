import { CodedError } from './errors.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const TWO_TO_32 = 0x1_0000_0000;

/** Small writers share memory: an allocation of its own would cost each of them more than all that it writes. */
const SLAB_BYTES = 64 * 1024;
const SHARED_BYTES_LIMIT = 4 * 1024;
let slab = new DataView(new ArrayBuffer(SLAB_BYTES));
let slabUsed = 0;

/** A view over a slab, and where in it `capacity` bytes are free. Nobody is given the same bytes twice. */
function takeRoom(capacity: number): { readonly view: DataView; readonly start: number } {
  if (capacity > SHARED_BYTES_LIMIT) return { view: new DataView(new ArrayBuffer(capacity)), start: 0 };
  if (slabUsed + capacity > SLAB_BYTES) {
    slab = new DataView(new ArrayBuffer(SLAB_BYTES));
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += capacity;
  return { view: slab, start };
}

/**
 * Writes little-endian fields into one growing buffer. Integers up to 2^53 are written in 8 bytes (`u53`):
 * indexes, terms and sequence numbers stay ordinary numbers.
 */
export class ByteWriter {
  #view: DataView;
  #start: number;
  #end: number;
  #capacityEnd: number;

  /** @param capacity How many bytes are expected; more may be written, at the price of a copy. */
  constructor(capacity = 64) {
    const { start, view } = takeRoom(capacity);
    this.#view = view;
    this.#start = start;
    this.#end = start;
    this.#capacityEnd = start + capacity;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u53(value: number): this {
    const at = this.#reserve(8);
    this.#view.setUint32(at, value % TWO_TO_32, true);
    this.#view.setUint32(at + 4, Math.floor(value / TWO_TO_32), true);
    return this;
  }

  f64(value: number): this {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /** Bytes as they are; the reader must know how many. */
  raw(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    new Uint8Array(this.#view.buffer, at, value.length).set(value);
    return this;
  }

  /** A length of 4 bytes, then the bytes. */
  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  /** A length of 4 bytes, then UTF-8. */
  text(value: string): this {
    return value === '' ? this.u32(0) : this.bytes(encoder.encode(value));
  }

  /** What was written, as a view: write no more afterwards. */
  finish(): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.#start, this.length);
  }

  /** Takes `count` more bytes; the buffer may be another one afterwards. */
  #reserve(count: number): number {
    if (this.#end + count > this.#capacityEnd) this.#grow(count);
    const at = this.#end;
    this.#end += count;
    return at;
  }

  #grow(count: number): void {
    const written = this.finish();
    const capacity = Math.max(written.length + count, written.length * 2);
    const { start, view } = takeRoom(capacity);
    new Uint8Array(view.buffer, start, written.length).set(written);
    this.#view = view;
    this.#start = start;
    this.#end = start + written.length;
    this.#capacityEnd = start + capacity;
  }
}

/** The bytes are not what their reader expects: too few, too many, or not UTF-8. */
export class MalformedBytes extends CodedError {
  override name = 'MalformedBytes';

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('InvalidArgument', message, options);
  }
}

/** Reads what {@link ByteWriter} wrote. Every declared length is checked before anything is taken. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#byte(this.#take(1));
  }

  u16(): number {
    const at = this.#take(2);
    return this.#byte(at) | (this.#byte(at + 1) << 8);
  }

  u32(): number {
    return this.#u32At(this.#take(4));
  }

  u53(): number {
    const at = this.#take(8);
    const high = this.#u32At(at + 4);
    if (high > 0x1f_ffff) throw new MalformedBytes(`integer at byte ${at} is beyond 2^53`);
    return high * TWO_TO_32 + this.#u32At(at);
  }

  f64(): number {
    const { buffer, byteOffset } = this.#bytes;
    return new DataView(buffer, byteOffset + this.#take(8), 8).getFloat64(0, true);
  }

  /** The next `count` bytes, as a view of the input. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** What {@link ByteWriter.bytes} wrote, as a view of the input. */
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  text(): string {
    const at = this.#at;
    try {
      return decoder.decode(this.bytes());
    } catch (cause) {
      if (cause instanceof MalformedBytes) throw cause;
      throw new MalformedBytes(`text at byte ${at} is not UTF-8`, { cause });
    }
  }

  /** All that is left, as a view of the input. */
  rest(): Uint8Array {
    return this.raw(this.remaining);
  }

  /** The end must be here. */
  end(): void {
    if (this.remaining > 0) throw new MalformedBytes(`${this.remaining} bytes too many`);
  }

  /** By hand: most readers read a few fields, and a view would cost more than they do. */
  #u32At(at: number): number {
    const high = (this.#byte(at + 2) << 16) | (this.#byte(at + 3) << 24);
    return (this.#byte(at) | (this.#byte(at + 1) << 8) | high) >>> 0;
  }

  #byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.remaining) {
      throw new MalformedBytes(`${count} bytes declared at byte ${at}, ${this.remaining} left`);
    }
    this.#at += count;
    return at;
  }
}
