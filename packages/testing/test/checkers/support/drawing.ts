import type { Operation, Outcome } from '../../../src/index.js';

/** What stands between the brackets of a drawn operation. */
export interface Drawn<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/**
 * A history as it is drawn in papers: one line a client, time from left to right.
 *
 *     A [w1   ]   [r2 ]
 *     B    [w2     ?          `]` returned   `?` unknown   `!` failed
 *
 * In one column, invocations come before returns: what touches is concurrent.
 */
export function drawn<Input, Output>(
  picture: string,
  read: (text: string) => Drawn<Input, Output>,
): readonly Operation<Input, Output>[] {
  const lines = picture.split('\n').filter((line) => line.trim() !== '');
  const indent = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  const operations = lines.flatMap((line, row) =>
    [...line.slice(indent).matchAll(/\[([^\]?!]+)([\]?!])/g)].map((match) => {
      const { input, output } = read((match[1] ?? '').trim());
      const begin = match.index;
      const end = begin + match[0].length - 1;
      const at = { atMs: end, sequence: end * 100 + 50 + row };
      return {
        process: line.trim().split(' ')[0] ?? '',
        input,
        invoked: { atMs: begin, sequence: begin * 100 + row },
        outcome: outcomeOf(match[2] ?? '', output, at),
      };
    }),
  );
  return operations
    .toSorted((left, right) => left.invoked.sequence - right.invoked.sequence)
    .map((operation, id) => ({ ...operation, id }));
}

function outcomeOf<Output>(mark: string, output: Output, at: Operation['invoked']): Outcome<Output> {
  switch (mark) {
    case '?':
      return { kind: 'unknown', at, reason: 'timeout' };
    case '!':
      return { kind: 'failed', at, reason: 'refused' };
    default:
      return { kind: 'returned', output, at };
  }
}
