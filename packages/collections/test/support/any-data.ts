import fc from 'fast-check';
import type { Data } from '../../src/index.js';

/** Data of all kinds, small, and often equal. */
export const anyData: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Data>(null, true, false, 0, 1, 1.5, 1n, 2n ** 80n, '', 'a', '__proto__'),
    fc.constantFrom<Data>(new Date(0), new Date(1), new Uint8Array([1, 2])),
    fc.array(tie('data'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), tie('data'), { noNullPrototype: true }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 1), tie('data')), {
        selector: ([key]) => key,
        maxLength: 2,
      })
      .map((pairs) => new Map<Data, Data>(pairs)),
    fc
      .uniqueArray(fc.constantFrom('a', 'b', 1, null), { maxLength: 3 })
      .map((values) => new Set<Data>(values)),
  ),
})).data;
