import { describe, expect, it } from 'vitest';
import { mustReceiveInOrder, type PositionedEvent } from '../../src/index.js';

/** `3.0a`: the first event of entry 3, which says `a`. */
function events(text: string): readonly PositionedEvent[] {
  return [...text.matchAll(/(\d+)\.(\d+)(\w)/g)].map(([, index, ordinal, value]) => ({
    position: { index: Number(index), ordinal: Number(ordinal) },
    value,
  }));
}

const TRUTH = events('1.0z 2.0y 3.0a 3.1b 4.0c 7.0d');

function check(received: string, through?: number): void {
  mustReceiveInOrder(
    {
      name: 'S',
      after: { index: 2, ordinal: 0 },
      received: events(received),
      ...(through !== undefined && { through: { index: through, ordinal: 0 } }),
    },
    TRUTH,
  );
}

describe('the order of events', () => {
  it.each([
    ['all, at the end', '3.0a 3.1b 4.0c 7.0d', 9],
    ['not yet all', '3.0a 3.1b', undefined],
    ['all up to where it must', '3.0a 3.1b 4.0c', 6],
    ['nothing yet', '', undefined],
  ] as const)('holds for %s', (_claim, received, through) => {
    expect(() => check(received, through)).not.toThrow();
  });

  it.each([
    ['a gap', '3.0a 4.0c', undefined, 'missed the event at 3.1, and got that at 4.0'],
    ['a gap at the begin', '3.1b', undefined, 'missed the event at 3.0, and got that at 3.1'],
    ['one twice', '3.0a 3.0a', undefined, 'got the event at 3.0 twice'],
    ['one twice, late', '3.0a 3.1b 3.0a', undefined, 'got the event at 3.0 behind that at 3.1'],
    ['two in the wrong order', '3.0a 4.0c 3.1b', undefined, 'missed the event at 3.1'],
    ['one from before its begin', '1.0z', undefined, 'got the event at 1.0 behind that at 2.0'],
    ['one that is none', '3.0a 3.1b 3.2x', undefined, 'got an event at 3.2, where there is none'],
    [
      'one behind the last',
      '3.0a 3.1b 4.0c 7.0d 8.0x',
      undefined,
      'got an event at 8.0, where there is none',
    ],
    ['another value', '3.0a 3.1x', undefined, 'got "x" at 3.1, which says "b"'],
    ['a lost end', '3.0a 3.1b 4.0c', 7, 'never got the event at 7.0'],
    ['nothing at all', '', 9, 'never got the event at 3.0'],
  ] as const)('is broken by %s', (_claim, received, through, finding) => {
    expect(() => check(received, through)).toThrow(`FactBroken: event-order: S ${finding}`);
  });
});
