import { CodedError } from './errors.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const TWO_TO_32 = 0x1_0000_0000;

/**
 * Writes little-endian fields into one growing buffer. Integers up to 2^53 are written in 8 bytes (`u53`):
 * indexes, terms and sequence numbers stay ordinary numbers.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(initialCapacity = 64) {
    this.#bytes = new Uint8Array(initialCapacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
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
    this.#bytes.set(value, at);
    return this;
  }

  /** A length of 4 bytes, then the bytes. */
  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  /** A length of 4 bytes, then UTF-8. */
  text(value: string): this {
    return this.bytes(encoder.encode(value));
  }

  /** What was written, as a view: write no more afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room for `count` more bytes and takes it; the buffer may be another one afterwards. */
  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
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
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u53(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + 4, true);
    if (high > 0x1f_ffff) throw new MalformedBytes(`integer at byte ${at} is beyond 2^53`);
    return high * TWO_TO_32 + this.#view.getUint32(at, true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
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

  #take(count: number): number {
    const at = this.#at;
    if (count > this.remaining) {
      throw new MalformedBytes(`${count} bytes declared at byte ${at}, ${this.remaining} left`);
    }
    this.#at += count;
    return at;
  }
}
