import { messageOf } from '@decoraft/base';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeValue, RpcError } from '../src/index.js';
import { isSameValue } from './support/same-value.js';
import { isUtf8 } from '../src/utf8.js';

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const repeated = (text: string, count: number) => hex(text.repeat(count));

/** Decoding ends in a value or in the one typed error, and soon. */
function decodeSafely(bytes: Uint8Array): unknown {
  const startMs = performance.now();
  try {
    return decodeValue(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: 'InvalidArgument' });
    return error;
  } finally {
    expect(performance.now() - startMs).toBeLessThan(2_000);
  }
}

describe('hostile bytes are refused with the byte at fault', () => {
  test.each([
    ['nothing', hex(''), 'byte 0: 1 bytes declared, 0 left'],
    ['a second value', hex('01 02'), '1 bytes too many'],
    ['the byte that means nothing', hex('c1'), '0xc1 means nothing'],
    ['10,000 arrays in each other', repeated('91', 10_000), 'more than 64 levels deep'],
    ['100,000 maps in each other', repeated('81a161', 100_000), 'more than 64 levels deep'],
    ['an array of four billion', hex('dd ff ff ff ff'), '4294967295 items declared'],
    ['20 arrays of 16 million in each other', repeated('dd01000000', 20), '16777216 items declared'],
    ['a map of four billion', hex('df ff ff ff ff'), 'items declared'],
    ['bytes of a gigabyte', hex('c6 40 00 00 00 01'), '1073741824 bytes declared, 1 left'],
    ['a string of a gigabyte', hex('db 40 00 00 00 61'), '1073741824 bytes declared, 1 left'],
    ['a record definition', hex('d4 72 40 91 a1 61 01'), 'extension 0x72 is not carried'],
    ['a two-byte record definition', hex('d5 72 40 00'), 'extension 0x72 is not carried'],
    ['a reference', hex('d6 70 00 00 00 01'), 'extension 0x70 is not carried'],
    ['an identified value', hex('d6 69 00 00 00 01 90'), 'extension 0x69 is not carried'],
    ['a regular expression', hex('d4 78 00 92 a1 61 a0'), 'extension 0x78 is not carried'],
    ['an error', hex('d4 65 00 93 a1 61 a1 62 c0'), 'extension 0x65 is not carried'],
    ['a set of msgpackr', hex('d4 73 00 91 01'), 'extension 0x73 is not carried'],
    ['a typed array', hex('c7 02 74 01 01'), 'extension 0x74 is not carried'],
    ['bundled strings', hex('d6 62 00 00 00 01'), 'extension 0x62 is not carried'],
    ['an empty bigint', hex('c7 00 42'), 'a bigint of 0 bytes'],
    ['a bigint of 1,025 bytes', hex(`c8 04 01 42 ${'01'.repeat(1_025)}`), 'a bigint of 1025 bytes'],
    ['a date of 5 bytes', hex('c7 05 ff 00 00 00 00 00'), 'a date of 5 bytes'],
    ['__proto__ as a plain key', hex('81 a9 5f5f70726f746f5f5f 80'), '__proto__ as a plain key'],
    ['__proto__ as a long plain key', hex('81 d9 09 5f5f70726f746f5f5f 80'), '__proto__ as a plain key'],
    ['a number as a key', hex('81 01 01'), 'a key that is no string'],
    ['an array as a key', hex('81 90 01'), 'a key that is no string'],
    ['a string that is not UTF-8', hex('a2 c3 28'), 'byte 1: a string that is not UTF-8'],
    ['a surrogate in UTF-8', hex('a3 ed a0 80'), 'not UTF-8'],
    ['a tagged value that is no array', hex('d4 44 00 01'), 'no array'],
    ['a tagged value without a tag', hex('d4 44 00 90'), 'without a tag'],
    ['a tagged value with an unknown tag', hex('d4 44 00 91 a1 78'), "a tagged value 'x'"],
    ['a map with half an entry', hex('d4 44 00 92 a1 6d 01'), "a tagged value 'm' of 1 items"],
    ['a tagged object with a number as key', hex('d4 44 00 93 a1 6f 01 01'), 'a key that is no string'],
    ['a negative zero with something in it', hex('d4 44 00 92 a1 30 01'), "a tagged value '0' of 1 items"],
    ['sets in sets, 10,000 deep', repeated('d4440092a173', 10_000), 'more than 64 levels deep'],
    ['two million nils', hex(`dd 00 1e 84 80 ${'c0'.repeat(2_000_000)}`), 'more than 1000000 items'],
  ])('%s', (_, bytes, words) => {
    const result = decodeSafely(bytes);
    expect(result).toBeInstanceOf(RpcError);
    expect(messageOf(result)).toContain(words);
  });

  test('random bytes end in a value or in InvalidArgument', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void decodeSafely(bytes)),
      { numRuns: 20_000 },
    );
  });

  test('bytes of valid encodings with some of them changed end so too, and what decodes can be encoded', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean());
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      maxDepth: 4,
    });
    fc.assert(
      fc.property(value, fc.array(change, { maxLength: 5 }), (original, changes) => {
        let bytes: Uint8Array;
        try {
          bytes = encodeValue(original);
        } catch {
          return;
        }
        for (const [at, byte, cut] of changes) {
          if (cut) bytes = bytes.slice(0, at % (bytes.length + 1));
          else if (bytes.length > 0) bytes[at % bytes.length] = byte;
        }
        const decoded = decodeSafely(bytes);
        if (!(decoded instanceof RpcError))
          expect(isSameValue(decodeValue(encodeValue(decoded)), decoded)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  test('sixteen megabytes of tiny non-ASCII strings take bounded time', () => {
    const bytes = Buffer.alloc(3 + 2 * 1_048_576 * 3, Buffer.from('a2c3a9', 'hex'));
    decodeSafely(new Uint8Array(bytes));
    const strings = Buffer.concat([
      hex('dd 00 0f 00 00'),
      Buffer.alloc(0xf_0000 * 3, Buffer.from('a2c3a9', 'hex')),
    ]);
    expect(decodeSafely(new Uint8Array(strings))).toHaveLength(0xf_0000);
  });
});

describe('isUtf8', () => {
  test('agrees with a fatal TextDecoder on random bytes', () => {
    const biased = fc.constantFrom(
      0x20,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xe1,
      0xed,
    );
    const byte = fc.oneof(
      biased,
      fc.constantFrom(0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff),
      fc.integer({ min: 0, max: 255 }),
    );
    const decoder = new TextDecoder('utf-8', { fatal: true });
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 6 }), (list) => {
        const bytes = Uint8Array.from(list);
        let valid = true;
        try {
          decoder.decode(bytes);
        } catch {
          valid = false;
        }
        expect(isUtf8(bytes, 0, bytes.length)).toBe(valid);
      }),
      { numRuns: 50_000 },
    );
  });
});
