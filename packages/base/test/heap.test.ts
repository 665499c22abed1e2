import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from '../src/index.js';

type Step =
  | { readonly kind: 'push'; readonly rank: number }
  | { readonly kind: 'take' }
  | { readonly kind: 'keep'; readonly modulus: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push'), rank: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('keep'), modulus: fc.integer({ min: 2, max: 5 }) }) },
);

it('gives what a sorted list would give, whatever is pushed, taken and dropped between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<{ readonly rank: number; readonly number: number }>(
        (left, right) => left.rank < right.rank || (left.rank === right.rank && left.number < right.number),
      );
      let twin: { readonly rank: number; readonly number: number }[] = [];
      for (const [number, next] of steps.entries()) {
        if (next.kind === 'push') {
          const item = { rank: next.rank, number };
          heap.push(item);
          twin = [...twin, item].toSorted(
            (left, right) => left.rank - right.rank || left.number - right.number,
          );
        } else if (next.kind === 'take') {
          expect(heap.take()).toBe(twin.shift());
        } else {
          const stays = (item: { readonly number: number }): boolean => item.number % next.modulus !== 0;
          heap.keep(stays);
          twin = twin.filter(stays);
        }
        expect(heap.first).toBe(twin[0]);
        expect(heap.size).toBe(twin.length);
      }
    }),
    { numRuns: 500 },
  );
});
