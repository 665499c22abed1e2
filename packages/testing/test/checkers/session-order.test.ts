import { describe, expect, it } from 'vitest';
import { mustKeepSessionOrder, type Operation } from '../../src/index.js';
import { drawn } from './support/drawing.js';

interface Input {
  readonly of: string;
}

/** `x3`: saw `x` at 3. */
const read = (text: string) => ({ input: { of: text.slice(0, 1) }, output: Number(text.slice(1)) });

function check(picture: string): void {
  mustKeepSessionOrder(drawn<Input, number>(picture, read), ({ input, outcome }: Operation<Input, number>) =>
    outcome.kind === 'returned' ? { of: input.of, version: outcome.output } : undefined,
  );
}

describe('session order holds', () => {
  it.each([
    ['when a client sees more and more', 'A [x1] [x1] [x4]'],
    [
      'when another client is behind',
      `
      A [x5]      [x5]
      B      [x2]`,
    ],
    ['when it is another thing', 'A [x5] [y2]'],
    [
      'when they overlap',
      `
      A [x5        ]
      A    [x2]`,
    ],
    ['when the outcome is unknown', 'A [x5? [x2]'],
    ['when nothing happened', 'A [x5! [x2]'],
  ])('%s', (_claim, picture) => {
    expect(() => check(picture)).not.toThrow();
  });
});

describe('session order is broken', () => {
  it.each([
    ['when a read goes back', 'A [x5] [x4]', 'A saw x at 5, and afterwards at 4'],
    ['when it goes back much later', 'A [x5] [x5] [y1] [x4]', 'A saw x at 5, and afterwards at 4'],
    [
      'when it goes back behind one of two that overlapped',
      `
      A [x5        ]      [x4]
      A    [x2]`,
      'A saw x at 5, and afterwards at 4',
    ],
    [
      'when it goes back behind what returned before an older one did',
      `
      A [x5]            [x4]
      A   [x2       ]`,
      'A saw x at 5, and afterwards at 4',
    ],
    [
      'while another one is under way',
      `
      A [x9                  ]
      A    [x5]     [x4]`,
      'A saw x at 5, and afterwards at 4',
    ],
  ])('%s', (_claim, picture, finding) => {
    expect(() => check(picture)).toThrow(`FactBroken: session-order: ${finding}`);
  });
});
