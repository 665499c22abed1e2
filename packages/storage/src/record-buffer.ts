const TWO_TO_32 = 0x1_0000_0000;
const encoder = new TextEncoder();
const FIRST_BYTES = 64 << 10;
/** A larger buffer is let go of with its record. */
const MAX_KEPT_BYTES = 8 << 20;

/**
 * The buffer in which records are built, one after the other: a commit allocates nothing here, and the data of an
 * entry is copied once. Writes the fields of `ByteWriter`, and `ByteReader` reads them.
 */
export class RecordBuffer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #end = 0;

  /** Starts over: what {@link finish} gave before is overwritten. No more than `capacity` bytes may follow. */
  begin(capacity: number): this {
    this.#end = 0;
    const kept = this.#bytes.length;
    if (capacity <= kept && kept <= MAX_KEPT_BYTES) return this;
    const isKept = capacity <= MAX_KEPT_BYTES;
    this.#bytes = new Uint8Array(isKept ? Math.max(capacity, Math.min(kept * 2, MAX_KEPT_BYTES)) : capacity);
    this.#view = viewOf(this.#bytes);
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
    this.#view.setUint32(this.#end, value % TWO_TO_32, true);
    this.#view.setUint32(this.#end + 4, Math.floor(value / TWO_TO_32), true);
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

  /** What was written since {@link begin}, as a view that lasts until the next one. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
