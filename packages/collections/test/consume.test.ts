import { expect, it } from 'vitest';
import { consume } from '../src/consume.js';

it.each<[string, unknown, object]>([
  ['consume needs a function', 'print', {}],
  ['concurrency is 0', () => 0, { concurrency: 0 }],
  ['concurrency is 1000000000', () => 0, { concurrency: 1e9 }],
  ['visibilityMs is 0', () => 0, { visibilityMs: 0 }],
  ['visibilityMs is 1000000000000000000', () => 0, { visibilityMs: 1e18 }],
  ['visibilityMs is NaN', () => 0, { visibilityMs: Number.NaN }],
  ['retryDelayMs is -1', () => 0, { retryDelayMs: -1 }],
  ['retryDelayMs is NaN', () => 0, { retryDelayMs: Number.NaN }],
])('a loop that cannot go on receives nothing: %s', async (words, handler, options) => {
  let received = 0;
  const source = {
    receive: () => {
      received++;
      return Promise.resolve([]);
    },
  };
  const signal = AbortSignal.timeout(5_000);
  await expect(consume(source, handler as () => void, { signal, ...options })).rejects.toThrow(
    `InvalidArgument: ${words}`,
  );
  expect(received).toBe(0);
});
