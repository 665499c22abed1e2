import { describe, expect, it } from 'vitest';
import { issuedCommands, mustHappenExactlyOnce } from '../../src/index.js';
import { drawn } from './support/drawing.js';

const issued = issuedCommands(
  drawn(
    `
    A [done] [late ? [no ! [read]
    B [also]`,
    (text) => ({ input: text, output: null }),
  ),
  (input) => (input === 'read' ? undefined : input),
);

const check = (...ids: readonly string[]): void =>
  mustHappenExactlyOnce(
    'n1',
    issued,
    ids.map((id, at) => ({ id, index: at + 1 })),
  );

describe('exactly once', () => {
  it.each([
    ['with the unknown', ['done', 'also', 'late']],
    ['without the unknown, in any order', ['also', 'done']],
  ])('holds %s', (_claim, ids) => {
    expect(() => check(...ids)).not.toThrow();
  });

  it.each([
    [
      'an acknowledged one twice',
      ['done', 'also', 'done'],
      'command done of A took effect at 1 and again at 3',
    ],
    [
      'an unknown one twice',
      ['late', 'late', 'done', 'also'],
      'command late of A took effect at 1 and again at 2',
    ],
    ['an acknowledged one never', ['done'], 'command also of B was acknowledged, and had no effect'],
    [
      'a refused one',
      ['done', 'no', 'also'],
      'command no of A was reported as not applied, and took effect at 2',
    ],
    ['one that nobody sent', ['done', 'ghost', 'also'], 'command ghost took effect at 2, and nobody sent it'],
  ])('is broken by %s', (_claim, ids, finding) => {
    expect(() => check(...ids)).toThrow(`FactBroken: exactly-once: ${finding} on n1`);
  });
});
