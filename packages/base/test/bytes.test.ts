import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, MalformedBytes } from '../src/index.js';

const u53 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('bytes', () => {
  it('every field is read back as it was written, wherever the buffer grows', () => {
    const fields = fc.array(
      fc.tuple(fc.nat(255), fc.nat(0xffff), fc.nat(0xffff_ffff), u53, fc.double(), fc.string()),
    );
    fc.assert(
      fc.property(fields, fc.nat(40), (rows, capacity) => {
        const writer = new ByteWriter(capacity);
        for (const [a, b, c, d, e, f] of rows) writer.u8(a).u16(b).u32(c).u53(d).f64(e).text(f);
        const reader = new ByteReader(writer.finish());
        for (const [a, b, c, d, e, f] of rows) {
          expect([reader.u8(), reader.u16(), reader.u32(), reader.u53()]).toEqual([a, b, c, d]);
          expect(reader.f64()).toBe(e);
          expect(reader.text()).toBe(f);
        }
        reader.end();
      }),
    );
  });

  it('a declared length beyond the end takes no memory', () => {
    const lie = new ByteWriter().u32(0xffff_ffff).finish();
    expect(() => new ByteReader(lie).bytes()).toThrow(MalformedBytes);
  });

  it('an integer beyond 2^53 is refused', () => {
    expect(() => new ByteReader(new Uint8Array(8).fill(0xff)).u53()).toThrow('beyond 2^53');
  });

  it('text that is not UTF-8 is refused', () => {
    const bytes = new ByteWriter().bytes(Uint8Array.of(0xff, 0xfe)).finish();
    expect(() => new ByteReader(bytes).text()).toThrow('not UTF-8');
  });

  it('bytes behind the end are refused', () => {
    expect(() => new ByteReader(new Uint8Array(3)).end()).toThrow('3 bytes too many');
  });
});
