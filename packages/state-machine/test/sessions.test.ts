import { type DecoraftError, type Origin, type Outcome, type SessionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AgreedLimits } from '../src/agreed-limits.js';
import { type Session, Sessions } from '../src/sessions.js';

const id = 1 as SessionId;
const VALUE: Outcome = { kind: 'value', value: Uint8Array.of(1, 2, 3) };

let limits: AgreedLimits;
let sessions: Sessions;
let applied: number[];

beforeEach(() => {
  limits = new AgreedLimits();
  sessions = new Sessions(limits);
  applied = [];
});

function open(isOrdered = true): Session {
  return sessions.open(id, { kind: 'open-session', timeoutMs: 5_000, ...(isOrdered && { isOrdered }) });
}

/** What becomes of a question: `applied`, `given` again, or the code of the refusal. */
function ask(sequence: number, acknowledged = 0): string {
  const before = applied.length;
  const origin: Origin = { session: id, sequence, acknowledged };
  try {
    sessions.once(origin, () => {
      applied.push(sequence);
      return { index: applied.length, term: 1, outcome: VALUE };
    });
  } catch (thrown) {
    return (thrown as DecoraftError).code;
  }
  return applied.length > before ? 'applied' : 'given';
}

describe('what a session asks', () => {
  it('is applied in the order of its numbers, and refused while one before it is still to come', () => {
    open();
    expect([ask(2), ask(1), ask(3), ask(2), ask(3)]).toEqual([
      'Unavailable',
      'applied',
      'Unavailable',
      'applied',
      'applied',
    ]);
    expect(applied).toEqual([1, 2, 3]);
  });

  it('is refused in a way that says that nothing happened, so that it comes again', () => {
    open();
    const refused = (): unknown =>
      sessions.once({ session: id, sequence: 2, acknowledged: 0 }, () => expect.fail());
    expect(refused).toThrow(
      expect.objectContaining({ code: 'Unavailable', data: { appended: false, outOfOrder: true } }),
    );
  });

  it('goes on behind what was given up, and what was given up is refused when it comes late', () => {
    open();
    expect([ask(1), ask(3, 1), ask(3, 2), ask(2, 1)]).toEqual([
      'applied',
      'Unavailable',
      'applied',
      'InvalidArgument',
    ]);
    expect(applied).toEqual([1, 3]);
  });

  it('is applied in the order of the log where a build before 0.2 opened the session', () => {
    open(false);
    expect([ask(2), ask(1), ask(5)]).toEqual(['applied', 'applied', 'applied']);
  });

  it('is applied in order and once, whatever was lost, came twice, changed places or was given up', () => {
    const delivery = fc.record({ sequence: fc.integer({ min: 1, max: 8 }), settled: fc.nat(8) });
    fc.assert(
      fc.property(fc.array(delivery, { maxLength: 80 }), (deliveries) => {
        limits = new AgreedLimits();
        sessions = new Sessions(limits);
        applied = [];
        open();
        let [acknowledged, given] = [0, new Set<number>()];
        for (const { sequence, settled } of deliveries) {
          // A client acknowledges no more than what comes before the question itself.
          const says = Math.min(settled, sequence - 1);
          const before = Math.max(acknowledged, says);
          const last = Math.max(0, ...applied);
          const isNext = sequence - 1 <= Math.max(last, before);
          const expected =
            given.has(sequence) && sequence > before
              ? 'given'
              : sequence <= before
                ? 'InvalidArgument'
                : isNext
                  ? 'applied'
                  : 'Unavailable';
          expect(ask(sequence, says)).toBe(expected);
          acknowledged = before;
          if (expected === 'applied') given = new Set([...given, sequence]);
        }
        expect(applied).toEqual([...new Set(applied)].toSorted((left, right) => left - right));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a group that agreed on limits', () => {
  it('refuses a session too many, and takes one when another has ended', () => {
    limits.configure({ kind: 'configure', onlyFirst: false, limits: { sessions: 1 } });
    open();
    const second = 2 as SessionId;
    const opening = (): Session => sessions.open(second, { kind: 'open-session', timeoutMs: 1 });
    expect(opening).toThrow('Overloaded: the group holds 1 sessions already');
    sessions.remove(id);
    expect(opening().id).toBe(second);
  });

  it.each([
    ['answers', { cachedReplies: 2 }],
    ['bytes of answers', { cachedReplyBytes: 2 * 3 }],
  ])(
    'refuses a command whose session leaves too many %s unacknowledged, and takes it behind an acknowledgement',
    (_, given) => {
      limits.configure({ kind: 'configure', onlyFirst: false, limits: given });
      open();
      expect([ask(1), ask(2), ask(3), ask(2), ask(3, 1), ask(4, 1)]).toEqual([
        'applied',
        'applied',
        'Overloaded',
        'given',
        'applied',
        'Overloaded',
      ]);
      expect(sessions.get(id)?.replyBytes).toBe(6);
    },
  );

  it('keeps what one server was started with from changing what was agreed on', () => {
    limits.configure({ kind: 'configure', onlyFirst: true, limits: { sessions: 7 } });
    limits.configure({ kind: 'configure', onlyFirst: true, limits: { sessions: 8, timers: 9 } });
    expect(limits.agreed).toEqual({ sessions: 7 });
    limits.configure({ kind: 'configure', onlyFirst: false, limits: { timers: 9 } });
    expect(limits.current).toMatchObject({ sessions: 7, timers: 9, cachedReplies: 16_384 });
  });
});
