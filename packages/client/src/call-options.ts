import type { Consistency } from '@decoraft/protocol';
import { DecoraftError } from '@decoraft/protocol';
import { checkMetadata, type Metadata } from './metadata.js';
import { checkOptionNames } from './option-names.js';

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
   * The whole call's limit in milliseconds, retries included; 10,000 by default, more than 0, at most 2,147,483,647. What is
   * left of it travels with every try, and no node works on a call whose time is up. A command that has not been
   * answered by then ends with `Indeterminate` when it may have been applied, and `Unavailable` when not.
   */
  readonly timeoutMs?: number;
  /**
   * Gives the call up, whatever it waits for at that moment: it rejects with the signal's reason at once. A command may
   * be applied all the same. A subscription ends when it is aborted, also long after it began: a loop over it throws the
   * reason.
   */
  readonly signal?: AbortSignal;
  /** Travels with every try of the call, to interceptors and handlers on the nodes, over what `connect` was given. */
  readonly metadata?: Metadata;
}

export const DEFAULT_TIMEOUT_MS = 10_000;

/** Beyond this, timers of JavaScript fire at once. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;

const NAMES: Readonly<Record<keyof CallOptions, true>> = {
  consistency: true,
  token: true,
  timeoutMs: true,
  signal: true,
  metadata: true,
};

/** Throws `InvalidArgument` naming the option, for callers whose types were bypassed or who computed a number. */
export function checkCallOptions(options: CallOptions): void {
  checkOptionNames('a call', options, NAMES);
  const { metadata, signal, timeoutMs } = options;
  if (timeoutMs !== undefined) checkTimeout('timeoutMs', timeoutMs);
  if (signal !== undefined) checkSignal(signal);
  if (metadata !== undefined) checkMetadata(metadata);
}

export function checkTimeout(option: string, timeoutMs: unknown): void {
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS) return;
  const words = `${option} is ${String(timeoutMs)}: a number of milliseconds above 0, at most ${MAX_TIMEOUT_MS}`;
  throw new DecoraftError('InvalidArgument', words);
}

export function checkSignal(signal: unknown): void {
  if (!isSignal(signal)) throw new DecoraftError('InvalidArgument', 'signal is no AbortSignal');
}

/** By its shape: a page's frames each have a class of their own. */
export function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}
