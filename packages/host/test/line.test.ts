import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Line, type Place } from '../src/line.js';

describe('a line', () => {
  it('has the same first as a list, whoever leaves from wherever', () => {
    const step = fc.oneof(fc.constant('join' as const), fc.nat());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const line = new Line<number>();
        const all: Place<number>[] = [];
        let naive: Place<number>[] = [];
        for (const [index, chosen] of steps.entries()) {
          if (chosen === 'join') {
            const place = line.join(index);
            all.push(place);
            naive.push(place);
          } else {
            // Any that ever came: one that has left already leaves again.
            const place = all[chosen % all.length];
            if (place) line.leave(place);
            naive = naive.filter((other) => other !== place);
          }
          expect(line.first).toBe(naive[0]?.item);
        }
      }),
    );
  });
});
