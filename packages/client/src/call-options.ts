import type { Consistency } from '@decoraft/protocol';

/** Options of calls made through a client, set with `client.with(options)`. */
export interface CallOptions {
  /** How fresh a query's answer must be; stronger than what the method declares. Commands ignore it. */
  readonly consistency?: Consistency;
  /**
   * The whole call's limit in milliseconds, retries included; 10,000 by default. A command that has not been
   * answered by then ends with `Indeterminate` when it may have been applied, and `Unavailable` when not.
   */
  readonly timeoutMs?: number;
  /** Gives the call up: it rejects with the signal's reason. A command may be applied all the same. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_TIMEOUT_MS = 10_000;
