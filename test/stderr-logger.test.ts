import { CodedError } from '@decoraft/base';
import { stderrLogger } from 'decoraft/server';
import { expect, it, vi } from 'vitest';

function logged(thrown: unknown): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    stderrLogger().log('error', 'the handler failed', { thrown });
    return String(write.mock.calls[0]?.[0]);
  } finally {
    write.mockRestore();
  }
}

it('a mistake in a handler is logged with the place where it was thrown, in one line', () => {
  const line = logged(new TypeError('no such field'));
  expect(line).toMatch(/TypeError: no such field\\n +at .*stderr-logger\.test\.ts/);
  expect(line.trimEnd()).not.toContain('\n');
});

it('an error with a code is its words', () => {
  expect(logged(new CodedError('NotFound', 'nobody'))).toMatch(/ thrown="NotFound: nobody"\n$/);
});
