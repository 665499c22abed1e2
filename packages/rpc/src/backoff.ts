import type { Random } from '@decoraft/base';

export interface BackoffOptions {
  /** The first attempt's ceiling in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** No ceiling is higher than this. */
  readonly maxMs: number;
}

/**
 * Exponential back-off with full jitter: anything between nothing and the ceiling, so that clients which lost
 * their server together do not come back together.
 *
 * @param attempt How many attempts have failed before this one is repeated; 0 for the first.
 * @returns The delay in milliseconds, in [0, ceiling).
 */
export function backoff(attempt: number, options: BackoffOptions, random: Random): number {
  return random() * Math.min(options.maxMs, options.baseMs * 2 ** attempt);
}
