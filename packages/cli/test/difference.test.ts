import { expect, test } from 'vitest';
import { describeDifference } from '../src/difference.js';

test.each([
  ['a\nb\nc', 'a\nx\nc', ['line 2:', '- b', '+ x']],
  ['a\nb\nc\nd\ne', 'a\nx\nc\nd\ny', ['line 2:', '- b', '+ x', 'line 5:', '- e', '+ y']],
  ['a\nc', 'a\nb\nc', ['line 2:', '+ b']],
  ['a\nb\nc', 'a\nc', ['line 2:', '- b']],
  ['', 'a', ['line 1:', '- ', '+ a']],
  ['a\nb', 'a\nb\nc', ['line 3:', '+ c']],
  ['1\n2\n3\n4\n5\n6\n7', '8', ['line 1:', '- 1', '- 2', '- 3', '- 4', '- 5', '- … 2 more', '+ 8']],
])('between %j and %j stands %j', (actual, expected, lines) => {
  expect(describeDifference({ actual, expected })).toEqual(lines);
});

test('many places are shortened, and what is too much for a table is one place', () => {
  const lines = (text: string, count: number): string =>
    Array.from({ length: count }, (_, at) => `same ${at}\n${text} ${at}`).join('\n');
  const places = describeDifference({ actual: lines('old', 9), expected: lines('new', 9) });
  expect(places.filter((line) => line.startsWith('line '))).toHaveLength(5);
  expect(places.at(-1)).toBe('… 4 more places');
  const one = describeDifference({ actual: lines('old', 2_000), expected: lines('new', 2_000) });
  expect(one.filter((line) => line.startsWith('line '))).toEqual(['line 2:']);
});
