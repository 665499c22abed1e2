import type { SessionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Session } from '../src/session.js';

it('a session acknowledges as far as every answer has arrived, in whatever order they came', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Array.from({ length: 30 }, (_, at) => at)), (order) => {
      const session = new Session(1 as SessionId);
      const origins = Array.from({ length: 30 }, () => session.next());
      const settled = new Set<number>();
      for (const at of order) {
        const origin = origins[at];
        if (!origin) continue;
        session.settle(origin);
        settled.add(origin.sequence);
        let complete = 0;
        while (settled.has(complete + 1)) complete++;
        // Looking takes a number itself; it is never settled, so it stays the last.
        expect(session.next().acknowledged).toBe(complete);
      }
    }),
  );
});
