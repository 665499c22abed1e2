import { describe, expect, it } from 'vitest';
import { wideHash, WideHasher } from '../src/index.js';

/** The bytes 0, 1, 2, …, as many as asked for. */
const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at);

/** Digests as the reference implementation lays them out: four little-endian words. */
function digest(hash: string): readonly number[] {
  const words = hash.match(/.{8}/g) ?? [];
  return words.flatMap((word) => (word.match(/../g) ?? []).toReversed().map((byte) => parseInt(byte, 16)));
}

describe('the wide hash', () => {
  it('is murmur3 of 128 bits: the verification value of the reference test suite comes out', () => {
    const digests = Array.from({ length: 256 }, (_, length) =>
      digest(wideHash(counting(length), 256 - length)),
    );
    expect(wideHash(Uint8Array.from(digests.flat())).slice(0, 8)).toBe('b3ece62a');
  });

  it('of nothing is zero, and has all its digits', () => {
    expect(wideHash(new Uint8Array(0))).toBe('0'.repeat(32));
  });

  it('is that of the bytes, wherever in their buffer they lie', () => {
    const bytes = counting(40);
    expect(wideHash(bytes.subarray(3, 30))).toBe(wideHash(bytes.slice(3, 30)));
  });

  it('changes with every single bit', () => {
    const hashes = new Set([wideHash(counting(37))]);
    for (let bit = 0; bit < 37 * 8; bit++) {
      const bytes = counting(37);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      hashes.add(wideHash(bytes));
    }
    expect(hashes.size).toBe(37 * 8 + 1);
  });

  it('is the same of the pieces, however the bytes are cut', () => {
    const bytes = counting(100);
    for (let length = 0; length <= 70; length++) {
      for (let cut = 0; cut <= length; cut++) {
        const hasher = new WideHasher().update(bytes.subarray(0, cut)).update(bytes.subarray(cut, length));
        expect(hasher.digest()).toBe(wideHash(bytes.subarray(0, length)));
      }
    }
    const byByte = new WideHasher(7);
    for (const byte of bytes) byByte.update(Uint8Array.of(byte)).digest();
    expect(byByte.digest()).toBe(wideHash(bytes, 7));
  });
});
