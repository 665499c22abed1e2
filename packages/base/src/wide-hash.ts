const BLOCK_BYTES = 16;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const mix1 = (word: number): number => Math.imul(rotate(Math.imul(word, C1), 15), C2);
const mix2 = (word: number): number => Math.imul(rotate(Math.imul(word, C2), 16), C3);
const mix3 = (word: number): number => Math.imul(rotate(Math.imul(word, C3), 17), C4);
const mix4 = (word: number): number => Math.imul(rotate(Math.imul(word, C4), 18), C1);

/**
 * 128 bits over bytes, as 32 hexadecimal digits: wide enough that states which differ have hashes which differ.
 * Murmur3 in its form for machines with 32-bit words, which JavaScript's integers are. Against mistakes and
 * divergence, never against an adversary: whoever wants two inputs with one hash can make them.
 */
export function wideHash(bytes: Uint8Array, seed = 0): string {
  return new WideHasher(seed).update(bytes).digest();
}

/** {@link wideHash} of bytes that come piece by piece, whatever the pieces. */
export class WideHasher {
  /** Four words; of all blocks so far. */
  #h1: number;
  #h2: number;
  #h3: number;
  #h4: number;
  #length = 0;
  /** The bytes of a block that is not full yet, zeros behind them. */
  readonly #tail = new Uint8Array(BLOCK_BYTES);

  constructor(seed = 0) {
    [this.#h1, this.#h2, this.#h3, this.#h4] = [seed, seed, seed, seed];
  }

  update(bytes: Uint8Array): this {
    const waiting = this.#length % BLOCK_BYTES;
    this.#length += bytes.length;
    let start = 0;
    if (waiting > 0) {
      start = Math.min(BLOCK_BYTES - waiting, bytes.length);
      this.#tail.set(bytes.subarray(0, start), waiting);
      if (waiting + start < BLOCK_BYTES) return this;
      this.#blocks(this.#tail);
      this.#tail.fill(0);
    }
    const end = bytes.length - ((bytes.length - start) % BLOCK_BYTES);
    this.#blocks(bytes.subarray(start, end));
    this.#tail.set(bytes.subarray(end));
    return this;
  }

  /** Of all that came so far; more may come afterwards. */
  digest(): string {
    // The last bytes, filled up with zeros: a word of zeros mixes to zero and changes nothing.
    const tail = new DataView(this.#tail.buffer);
    const h1 = this.#h1 ^ mix1(tail.getUint32(0, true)) ^ this.#length;
    const h2 = this.#h2 ^ mix2(tail.getUint32(4, true)) ^ this.#length;
    const h3 = this.#h3 ^ mix3(tail.getUint32(8, true)) ^ this.#length;
    const h4 = this.#h4 ^ mix4(tail.getUint32(12, true)) ^ this.#length;
    return spread(h1, h2, h3, h4).map(toHex).join('');
  }

  /** Whole blocks. In local variables: this loop is all that a large state costs. */
  #blocks(bytes: Uint8Array): void {
    let [h1, h2, h3, h4] = [this.#h1, this.#h2, this.#h3, this.#h4];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      h1 = (Math.imul(rotate(h1 ^ mix1(view.getUint32(at, true)), 19) + h2, 5) + 0x561ccd1b) | 0;
      h2 = (Math.imul(rotate(h2 ^ mix2(view.getUint32(at + 4, true)), 17) + h3, 5) + 0x0bcaa747) | 0;
      h3 = (Math.imul(rotate(h3 ^ mix3(view.getUint32(at + 8, true)), 15) + h4, 5) + 0x96cd1c35) | 0;
      h4 = (Math.imul(rotate(h4 ^ mix4(view.getUint32(at + 12, true)), 13) + h1, 5) + 0x32ac3b17) | 0;
    }
    [this.#h1, this.#h2, this.#h3, this.#h4] = [h1, h2, h3, h4];
  }
}

/** Lets every bit of each word reach all others. */
function spread(h1: number, h2: number, h3: number, h4: number): readonly number[] {
  const words = addAcross([h1, h2, h3, h4]).map(finalize);
  return addAcross(words);
}

/** The first word becomes the sum of all; the others grow by it. */
function addAcross([h1 = 0, h2 = 0, h3 = 0, h4 = 0]: readonly number[]): readonly number[] {
  const sum = (h1 + h2 + h3 + h4) | 0;
  return [sum, (h2 + sum) | 0, (h3 + sum) | 0, (h4 + sum) | 0];
}

function finalize(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

const toHex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
