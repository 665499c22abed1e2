import type { Random } from '@decoraft/base';

/** The disk writes sectors of this size whole or not at all. */
const SECTOR_BYTES = 512;

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** The content of a file twice: as the system's cache shows it, and as the platters have it. */
export class SimulatedFile {
  #cached: Uint8Array;
  #durable: Uint8Array;
  /** What was written since the last flush, oldest first. */
  #unflushed: Write[] = [];
  /** Where the latest write began. */
  #latestWrite = 0;

  constructor(content: Uint8Array = new Uint8Array()) {
    this.#cached = content;
    this.#durable = content;
  }

  /** What a reader sees. */
  get content(): Uint8Array {
    return this.#cached;
  }

  get latestWrite(): number {
    return this.#latestWrite;
  }

  write(bytes: Uint8Array, position: number): void {
    this.#latestWrite = position;
    // Until now what is on the platters may have been the same array.
    if (this.#cached === this.#durable) this.#durable = this.#durable.slice();
    this.#cached = overwrite(this.#cached, bytes, position);
    this.#unflushed.push({ position, bytes });
  }

  flush(): void {
    for (const { bytes, position } of this.#unflushed) {
      this.#durable = overwrite(this.#durable, bytes, position);
    }
    this.#unflushed = [];
  }

  /** What is in the cache counts as durable, and so do changes that are made to the result. */
  settle(): Uint8Array {
    this.#durable = this.#cached;
    this.#unflushed = [];
    return this.#cached;
  }

  /** The system takes all that was written for clean, and will not flush it any more. */
  forgetUnflushed(): void {
    this.#unflushed = [];
  }

  /** Of what was not flushed, any sectors reach the platters, and the others never will. */
  tear(random: Random): void {
    for (const { bytes, position } of this.#unflushed) {
      for (let at = 0; at < bytes.length;) {
        const sectorEnd = (Math.floor((position + at) / SECTOR_BYTES) + 1) * SECTOR_BYTES - position;
        const part = bytes.subarray(at, sectorEnd);
        if (random() < 0.5) this.#durable = overwrite(this.#durable, part, position + at);
        at = sectorEnd;
      }
    }
    this.#unflushed = [];
  }

  /** The machine lost power: {@link tear}, and the cache is gone. */
  crash(random: Random): void {
    this.tear(random);
    this.#cached = this.#durable.slice();
  }

  /** One bit is another from now on, in the cache and on the platters. False when there is no such byte. */
  flipBit(byte: number, bit: number): boolean {
    if (byte >= this.#cached.length) return false;
    flip(this.#cached, byte, bit);
    if (this.#durable !== this.#cached) flip(this.#durable, byte, bit);
    return true;
  }
}

function flip(content: Uint8Array, byte: number, bit: number): void {
  const before = content[byte];
  if (before !== undefined) content[byte] = before ^ (1 << bit);
}

function overwrite(content: Uint8Array, bytes: Uint8Array, position: number): Uint8Array {
  if (position + bytes.length <= content.length) {
    content.set(bytes, position);
    return content;
  }
  const grown = grow(content, position + bytes.length);
  grown.set(bytes, position);
  return grown;
}

/** Buffers with room behind what is in use, so that a file that grows in small pieces is not copied for each. */
const roomy = new WeakSet<ArrayBufferLike>();

function grow(content: Uint8Array, length: number): Uint8Array {
  if (roomy.has(content.buffer) && length <= content.buffer.byteLength) {
    return new Uint8Array(content.buffer, 0, length);
  }
  const buffer = new ArrayBuffer(content.length === 0 ? length : Math.max(length, content.length * 2));
  roomy.add(buffer);
  const grown = new Uint8Array(buffer, 0, length);
  grown.set(content);
  return grown;
}
