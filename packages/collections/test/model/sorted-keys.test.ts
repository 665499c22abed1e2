import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedKeys } from '../../src/sorted-keys.js';

const inOrder = (keys: Iterable<string>): string[] =>
  Array.from(keys).toSorted((left, right) => (left < right ? -1 : 1));

it('keys come in order, from wherever they are asked for, as from an array that is sorted every time', () => {
  const anyKey = fc.integer({ min: 0, max: 4_000 }).map(String);
  fc.assert(
    fc.property(
      fc.uniqueArray(anyKey, { maxLength: 2_500, size: 'max' }),
      fc.array(fc.tuple(fc.boolean(), anyKey), { maxLength: 2_000, size: 'max' }),
      fc.array(anyKey, { maxLength: 10 }),
      (initial, changes, places) => {
        const keys = new SortedKeys();
        keys.reset(initial);
        const twin = new Set(initial);
        for (const [isAdded, key] of changes) {
          if (isAdded && !twin.has(key)) keys.add(key);
          if (isAdded) twin.add(key);
          else if (twin.delete(key)) keys.delete(key);
        }
        const expected = inOrder(twin);
        expect([...keys.from('')]).toEqual(expected);
        for (const place of places) {
          expect([...keys.from(place)]).toEqual(expected.filter((key) => key >= place));
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('keys that all come at one end, and all go at the other, leave nothing behind', () => {
  const keys = new SortedKeys();
  const names = Array.from({ length: 5_000 }, (_, at) => String(at).padStart(5, '0'));
  for (const name of names) keys.add(name);
  expect([...keys.from('')]).toEqual(names);
  for (const name of names.slice(0, 4_990)) keys.delete(name);
  expect([...keys.from('')]).toEqual(names.slice(4_990));
});
