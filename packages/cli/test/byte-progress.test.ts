import { VirtualClock } from '@decoraft/base';
import { expect, test } from 'vitest';
import { ByteProgress } from '../src/operator/byte-progress.js';
import type { Terminal } from '../src/terminal.js';

/** A terminal, or a pipe, that keeps what it was told. */
function listener({ isTerminal }: { readonly isTerminal: boolean }): Terminal & { readonly told: string[] } {
  const told: string[] = [];
  const note = (line: string): void => void told.push(line);
  return {
    told,
    cwd: '/',
    print: note,
    printError: note,
    printOver: isTerminal ? note : undefined,
    untilInterrupted: () => new Promise(() => undefined),
  };
}

const MEBIBYTE = 1 << 20;

/** Ten pieces of a MiB, half a second each. */
function goThrough(terminal: Terminal): void {
  const clock = new VirtualClock();
  const progress = new ByteProgress(terminal, 'verifying', clock);
  for (let done = 1; done <= 10; done++) {
    clock.advance(500);
    progress.show(done * MEBIBYTE, 10 * MEBIBYTE);
  }
  progress.clear();
}

test('where a person looks there is a bar, which goes away at the end', () => {
  const terminal = listener({ isTerminal: true });
  goThrough(terminal);
  expect(terminal.told).toHaveLength(11);
  expect(terminal.told[4]).toBe('[============            ] verifying 5.0 MiB of 10.0 MiB, 50 %, 2.0 MiB/s');
  expect(terminal.told[9]).toBe(
    '[========================] verifying 10.0 MiB of 10.0 MiB, 100 %, 2.0 MiB/s',
  );
  expect(terminal.told[10]).toBe('');
});

test('elsewhere there is a plain line now and then', () => {
  const terminal = listener({ isTerminal: false });
  goThrough(terminal);
  expect(terminal.told).toEqual([
    'verifying 4.0 MiB of 10.0 MiB, 40 %, 2.0 MiB/s',
    'verifying 8.0 MiB of 10.0 MiB, 80 %, 2.0 MiB/s',
  ]);
});
