import type { Clock, Random } from '@decoraft/base';
import { CodedError, onAbort, pause } from '@decoraft/base';
import { DecoraftError, type ErrorCode } from '@decoraft/protocol';
import { backoff } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import type { Metadata } from './metadata.js';
import { overloadPauseMs, retryAfterMsOf } from './overload.js';

/** Where time and chance come from, and when it is all over. */
export interface RetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when the connection to the cluster is closed: nothing is tried after that. */
  readonly closed: AbortSignal;
}

/** One try of a call: how long it may take, and what it should know of those before it. */
export interface Attempt {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly metadata?: Metadata | undefined;
  /** 0 for the first try. */
  readonly number: number;
}

/** What to say when it ends without a result. */
export type RetryOutcome =
  /** Time is up. */
  | {
      readonly kind: 'late';
      readonly mayHaveHappened: boolean;
      readonly lastError: DecoraftError | undefined;
    }
  /** The last error is one that no retry mends. */
  | { readonly kind: 'refused'; readonly mayHaveHappened: boolean; readonly lastError: DecoraftError };

const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'NotLeader',
  'NoLeader',
  'Behind',
  'Unavailable',
  'Overloaded',
  'DeadlineExceeded',
]);
/** Whether another try, perhaps of another node, may do what this one did not. */
export function isTransient(thrown: unknown): boolean {
  return TRANSIENT.has(DecoraftError.from(thrown).code);
}

/** Whether the one who was asked has too much to do, or was asked before the turn had come: who leads is not in doubt. */
export function isBusy(thrown: unknown): boolean {
  const { code, data } = DecoraftError.from(thrown);
  if (code === 'Overloaded') return true;
  return typeof data === 'object' && data !== null && 'outOfOrder' in data && data.outOfOrder === true;
}

/** One try takes no longer than this, so that a node that hangs does not cost the whole call. */
export const ATTEMPT_TIMEOUT_MS = 3_000;
/** Two nodes, and the leader. */
const BEHIND_TRIES = 3;
const BACKOFF = { baseMs: 20, maxMs: 500 } as const;

/**
 * Tries until it works, the error is one that no retry mends, or time is up.
 *
 * @param attempt One try; transient errors lead to the next one, after a back-off with full jitter, or about when the
 *   one who refused it for want of room said. Where that is beyond the deadline, and nothing can have happened, the call
 *   ends at once.
 * @param endOf Makes the error to end with. A try before may have reached a log: then the end of a command is unknown,
 *   not failed, whatever the last try says.
 * @throws The signal's reason when it is aborted.
 */
export async function retry<Result>(
  ports: RetryPorts,
  options: CallOptions,
  attempt: (attempt: Attempt) => Promise<Result>,
  endOf: (outcome: RetryOutcome) => DecoraftError,
): Promise<Result> {
  const { metadata, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  const deadlineMs = ports.clock.monotonicMs() + timeoutMs;
  let mayHaveHappened = false;
  let lastError: DecoraftError | undefined;
  for (let number = 0; ; number++) {
    signal?.throwIfAborted();
    const leftMs = deadlineMs - ports.clock.monotonicMs();
    if (leftMs <= 0 || ports.closed.aborted) {
      throw endOf({ kind: 'late', mayHaveHappened, lastError });
    }
    try {
      // The first try takes all the time there is when nothing is known to be wrong yet, but no more than a share.
      return await attempt({ timeoutMs: Math.min(leftMs, ATTEMPT_TIMEOUT_MS), signal, metadata, number });
    } catch (thrown) {
      if (signal?.aborted) throw signal.reason;
      lastError = DecoraftError.from(thrown);
      if (!isTransient(lastError)) throw endOf({ kind: 'refused', mayHaveHappened, lastError });
      mayHaveHappened ||= mayHaveReachedLog(thrown);
      // There will be no room in time: better to hear that now. What may have happened is asked for to the end.
      const hintMs = retryAfterMsOf(lastError) ?? 0;
      if (!mayHaveHappened && hintMs >= deadlineMs - ports.clock.monotonicMs()) {
        throw endOf({ kind: 'late', mayHaveHappened, lastError });
      }
      const waitMs = Math.min(pauseMs(ports, lastError, number), deadlineMs - ports.clock.monotonicMs());
      if (waitMs > 0) await pause(ports.clock, waitMs, signal);
    }
  }
}

/** `work` that others share, waited for no longer than `options` allow; the work itself goes on. */
export async function limited<Result>(
  { clock }: Pick<RetryPorts, 'clock'>,
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions,
  work: Promise<Result>,
  late: () => DecoraftError,
): Promise<Result> {
  signal?.throwIfAborted();
  return new Promise<Result>((resolve, reject) => {
    // What the others wait for may take much longer: nothing of this waiter stays on its signal until then.
    const leave = (): void => {
      timer.cancel();
      release();
    };
    const timer = clock.after(timeoutMs, () => {
      leave();
      reject(late());
    });
    const release = onAbort(signal, () => {
      leave();
      reject(signal?.reason);
    });
    work.then(resolve, reject).finally(leave);
  });
}

/** A server that knows says so in `data.appended`, a connection that never sent says so in `sent`. */
export function mayHaveReachedLog(thrown: unknown): boolean {
  if (!(thrown instanceof CodedError)) return true;
  if ('sent' in thrown && thrown.sent === false) return false;
  const { data } = thrown;
  return !(typeof data === 'object' && data !== null && 'appended' in data && data.appended === false);
}

/**
 * How long to wait after `error` ended the try of this number. Whoever was told where the leader is goes there at once;
 * who was told when there may be room comes back then; everyone else waits a little.
 */
export function pauseMs(ports: RetryPorts, error: DecoraftError, number: number): number {
  // The next node is asked at once; when even the leader is behind, nobody knows yet what it has.
  if (error.code === 'Behind' && number < BEHIND_TRIES) return 0;
  if (number === 0 && leaderHint(error) !== undefined) return 0;
  const growing = backoff(number, BACKOFF, ports.random);
  const hintMs = retryAfterMsOf(error);
  return hintMs === undefined ? growing : overloadPauseMs(hintMs, growing, ports.random);
}

/** The leader's address, where an error tells it. */
export function leaderHint(error: unknown): string | undefined {
  const data: unknown = error instanceof CodedError ? error.data : undefined;
  if (typeof data !== 'object' || data === null || !('leaderAddress' in data)) return undefined;
  return typeof data.leaderAddress === 'string' ? data.leaderAddress : undefined;
}
