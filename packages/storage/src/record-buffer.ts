const TWO_TO_32 = 0x1_0000_0000;
const encoder = new TextEncoder();
const FIRST_BYTES = 64 << 10;
/** A larger buffer is let go of with its record. */
const MAX_KEPT_BYTES = 4 << 20;
/** Room in front of the body for what only the flush knows. */
const FRONT_BYTES = 512;

/**
 * A buffer in which records are built, one after the other: a commit allocates nothing here, and the data of an
 * entry is copied once. Writes the fields of `ByteWriter`, and `ByteReader` reads them.
 */
export class RecordBuffer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #start = FRONT_BYTES;
  #end = FRONT_BYTES;

  /** Starts over: what {@link finish} gave before is overwritten. */
  begin(): this {
    this.#start = FRONT_BYTES;
    this.#end = FRONT_BYTES;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#take(new Uint8Array(FIRST_BYTES));
    return this;
  }

  /** Makes room; no more than `bytes` may follow until the next call. */
  reserve(bytes: number): this {
    const needed = this.#end + bytes;
    if (needed > this.#bytes.length) this.#grow(needed);
    return this;
  }

  u8(value: number): this {
    this.#view.setUint8(this.#end, value);
    this.#end += 1;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#end, value, true);
    this.#end += 4;
    return this;
  }

  u53(value: number): this {
    const high = value < TWO_TO_32 ? 0 : Math.floor(value / TWO_TO_32);
    this.#view.setUint32(this.#end, value - high * TWO_TO_32, true);
    this.#view.setUint32(this.#end + 4, high, true);
    this.#end += 8;
    return this;
  }

  /** Bytes as they are; the reader must know how many. */
  raw(value: Uint8Array): this {
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
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

  /** Puts bytes in front of all others. */
  prepend(value: Uint8Array): this {
    const missing = value.length - this.#start;
    if (missing > 0) {
      this.reserve(missing);
      this.#bytes.copyWithin(this.#start + missing, this.#start, this.#end);
      this.#start += missing;
      this.#end += missing;
    }
    this.#start -= value.length;
    this.#bytes.set(value, this.#start);
    return this;
  }

  /** What was written since {@link begin}, as a view that lasts until the next one. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(this.#start, this.#end), this.#start);
    this.#take(bytes);
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
