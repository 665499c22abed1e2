import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Inflights } from '../src/inflights.js';

test('what is under way is what a plain list says, however it is added and freed', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      entries: fc.integer({ min: 1, max: 5 }),
      bytes: fc.nat(20),
    }),
    fc.record({ kind: fc.constant('free' as const), behind: fc.nat(12) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const limits = { maxMessages: 6, maxBytes: 60 };
      const inflights = new Inflights(limits);
      let naive: { readonly index: number; readonly bytes: number }[] = [];
      let last = 0;
      for (const one of steps) {
        if (one.kind === 'add') {
          last += one.entries;
          inflights.add(last, one.bytes);
          naive.push({ index: last, bytes: one.bytes });
        } else {
          inflights.freeUpTo(last - one.behind);
          naive = naive.filter(({ index }) => index > last - one.behind);
        }
        const bytes = naive.reduce((sum, batch) => sum + batch.bytes, 0);
        expect(inflights.count).toBe(naive.length);
        expect(inflights.bytes).toBe(bytes);
        expect(inflights.isFull).toBe(naive.length >= limits.maxMessages || bytes >= limits.maxBytes);
      }
    }),
  );
});

test('a batch is freed as a whole, not by its first entries', () => {
  const inflights = new Inflights({ maxMessages: 10, maxBytes: 100 });
  inflights.add(10, 40);
  inflights.freeUpTo(9);
  expect(inflights.bytes).toBe(40);
  inflights.freeUpTo(10);
  expect(inflights.bytes).toBe(0);
});

test('a long life does not gather freed batches', () => {
  const inflights = new Inflights({ maxMessages: 1000, maxBytes: 1e9 });
  for (let at = 1; at <= 100_000; at++) {
    inflights.add(at, 1);
    inflights.freeUpTo(at - 100);
  }
  expect(inflights.count).toBe(100);
  expect(inflights.bytes).toBe(100);
});
