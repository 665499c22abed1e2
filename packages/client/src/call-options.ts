import type { Consistency } from '@decoraft/protocol';

/** Options of calls made through a client, set with `client.with(options)`. */
export interface CallOptions {
  /**
   * How fresh a query's answer must be. A method that declares a level, `@qry({ consistency })`, is never answered at a
   * weaker one: its author relies on it. One that declares none is answered at the level given here, `local` as well,
   * and at `session` where none is given. Commands and subscriptions ignore it.
   */
  readonly consistency?: Consistency;
  /**
   * What another client has seen, from its `cluster.token()`: queries show no less, but for `local` ones. Commands ignore
   * it: they come behind everything that was acknowledged. See `Cluster.observeToken` for all calls from now on.
   */
  readonly token?: string;
  /**
   * The whole call's limit in milliseconds, retries included; 10,000 by default. A command that has not been
   * answered by then ends with `Indeterminate` when it may have been applied, and `Unavailable` when not.
   */
  readonly timeoutMs?: number;
  /** Gives the call up: it rejects with the signal's reason. A command may be applied all the same. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_TIMEOUT_MS = 10_000;
