import {
  type Clock,
  type Logger,
  messageOf,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@decoraft/base';
import { checkGroupName, DecoraftError, decodeToken } from '@decoraft/protocol';
import { ChannelPool, type Dialer, type RpcLimits } from '@decoraft/rpc';
import { checkSignal, checkTimeout } from './call-options.js';
import { Cluster } from './cluster.js';
import { checkInterceptors, type Interceptor } from './interceptors.js';
import { checkMetadata, type Metadata } from './metadata.js';
import { checkOptionNames } from './option-names.js';
import { limited } from './retry.js';
import type { OnSessionExpired } from './session-keeper.js';
import { resolveWindow, type WindowLimits } from './window.js';

/** Options of {@link connect}; all have defaults. */
export interface ConnectOptions {
  /** How long to look for the first node that answers, in milliseconds; 10,000 by default. */
  readonly connectTimeoutMs?: number;
  /** The Raft group to talk to, where a server hosts several; `main` by default. More of them: `Cluster.group`. */
  readonly group?: string;
  /**
   * How long the cluster keeps this client's session without a sign of life, in milliseconds; 30,000 by default.
   * After that, its subscriptions and the answers kept for its retries are gone. From 5,000 to 86,400,000.
   */
  readonly sessionTimeoutMs?: number;
  /**
   * What follows when the cluster has ended this client's session, because it was cut off for longer than that. Its
   * subscriptions end and its unanswered commands reject with `SessionExpired` in any case, and
   * `error.data.mayHaveHappened` says of a command whether it may have been applied. `fail`, the default: so does every
   * command and subscription that comes later, until `cluster.renewSession()` was called. `renew`: the next one begins a
   * new session. Queries need no session.
   */
  readonly onSessionExpired?: OnSessionExpired;
  /** How many commands are under way at once, and how many may wait for that before one more is `Overloaded`. */
  readonly window?: Partial<WindowLimits>;
  /** What another client has seen; see `Cluster.observeToken`. */
  readonly token?: string;
  /** Around every call made through the connection, the first of them outermost. */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Travels with everything that the client asks, also by itself, under what a call says in its own options. A function
   * is asked each time: for a token that changes.
   */
  readonly metadata?: Metadata | (() => Metadata);
  /** How bytes travel; a WebSocket by default. */
  readonly transport?: Dialer;
  readonly limits?: Partial<RpcLimits>;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Gives up connecting: `connect` rejects with its reason at once. Means nothing afterwards. */
  readonly signal?: AbortSignal;
}

const NAMES: Readonly<Record<keyof ConnectOptions, true>> = {
  connectTimeoutMs: true,
  group: true,
  sessionTimeoutMs: true,
  onSessionExpired: true,
  window: true,
  token: true,
  interceptors: true,
  metadata: true,
  transport: true,
  limits: true,
  logger: true,
  clock: true,
  random: true,
  signal: true,
};

const CONNECT_TIMEOUT_MS = 10_000;
const SESSION_TIMEOUT_MS = 30_000;
const MIN_SESSION_TIMEOUT_MS = 5_000;
const MAX_SESSION_TIMEOUT_MS = 24 * 60 * 60 * 1_000;
const RECONNECT_BACKOFF = { baseMs: 25, maxMs: 1_000 } as const;

/**
 * Connects to a cluster.
 *
 * @param addresses `host:port` or `ws://…` of some of its nodes; one is enough, more survive more.
 * @returns A connection that follows the leader and reconnects by itself until it is closed.
 * @throws DecoraftError `InvalidArgument` for addresses or options that cannot be, `Unavailable` when no node
 *   answers in time.
 */
export async function connect(addresses: readonly string[], options: ConnectOptions = {}): Promise<Cluster> {
  checkOptionNames('connect', options, NAMES);
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
  const { onSessionExpired = 'fail' } = options;
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, sessionTimeoutMs = SESSION_TIMEOUT_MS } = options;
  const { interceptors = [], metadata, signal } = options;
  checkAddresses(addresses);
  checkSession(sessionTimeoutMs, onSessionExpired);
  checkParts(options);
  const window = resolveWindow(options.window);
  // What is no token is refused before anybody is asked.
  if (options.token !== undefined) decodeToken(options.token);
  checkTimeout('connectTimeoutMs', connectTimeoutMs);
  checkInterceptors(interceptors);
  if (signal !== undefined) checkSignal(signal);
  if (typeof metadata !== 'function' && metadata !== undefined) checkMetadata(metadata);
  signal?.throwIfAborted();
  const pool = new ChannelPool({
    clock,
    random,
    backoff: RECONNECT_BACKOFF,
    transport: options.transport,
    limits: options.limits,
    metadata: typeof metadata === 'function' ? () => checked(metadata()) : metadata,
  });
  const { group, token } = options;
  try {
    await reachAny(pool, addresses, clock, connectTimeoutMs, signal);
    const parts = {
      addresses,
      pool,
      clock,
      random,
      logger,
      onSessionExpired,
      sessionTimeoutMs,
      window,
      interceptors,
    };
    return new Cluster({
      ...parts,
      ...(group === undefined ? {} : { group }),
      ...(token === undefined ? {} : { token }),
    });
  } catch (thrown) {
    pool.close();
    throw thrown;
  }
}

function checked(metadata: Metadata): Metadata {
  checkMetadata(metadata);
  return metadata;
}

function checkAddresses(addresses: unknown): void {
  if (!Array.isArray(addresses)) {
    throw new DecoraftError('InvalidArgument', 'connect needs a list of addresses: write [address]');
  }
  if (addresses.length === 0) {
    throw new DecoraftError('InvalidArgument', 'connect needs the address of at least one node');
  }
}

function checkSession(timeoutMs: unknown, onExpired: unknown): void {
  if (onExpired !== 'fail' && onExpired !== 'renew') {
    const words = `onSessionExpired is 'fail' or 'renew', not ${String(onExpired)}`;
    throw new DecoraftError('InvalidArgument', words);
  }
  const isNumber = typeof timeoutMs === 'number';
  if (isNumber && timeoutMs >= MIN_SESSION_TIMEOUT_MS && timeoutMs <= MAX_SESSION_TIMEOUT_MS) return;
  const range = `${MIN_SESSION_TIMEOUT_MS} to ${MAX_SESSION_TIMEOUT_MS}`;
  const words = `sessionTimeoutMs is ${String(timeoutMs)}: a number of milliseconds from ${range}`;
  throw new DecoraftError('InvalidArgument', words);
}

/** What would be passed over in silence, or fail where nobody looks, is refused here by its name. */
function checkParts({ clock, group, limits, logger, random, transport, window }: ConnectOptions): void {
  if (group !== undefined) checkGroupName(group);
  refuse(window, 'window is no object', isObject);
  refuse(limits, 'limits is no object', isObject);
  refuse(logger, 'logger has no log()', (it) => has(it, 'log'));
  refuse(clock, 'clock has no after()', (it) => has(it, 'after'));
  refuse(random, 'random is no function', (it) => typeof it === 'function');
  refuse(transport, 'transport has no dial()', (it) => has(it, 'dial'));
}

function refuse(option: unknown, words: string, isRight: (given: unknown) => boolean): void {
  if (option !== undefined && !isRight(option)) throw new DecoraftError('InvalidArgument', words);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function has(value: unknown, method: string): boolean {
  return isObject(value) && typeof Reflect.get(value, method) === 'function';
}

/** Tries all addresses over and over until one answers; a wrong address fails at once. */
async function reachAny(
  pool: ChannelPool,
  addresses: readonly string[],
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const giveUp = new AbortController();
  let reason: unknown;
  const reach = async (): Promise<void> => {
    while (!giveUp.signal.aborted) {
      try {
        await Promise.any(addresses.map((address) => pool.channel(address, { signal: giveUp.signal })));
        return;
      } catch (thrown) {
        reason = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
        if (DecoraftError.from(reason).code === 'InvalidArgument') throw DecoraftError.from(reason);
      }
    }
  };
  const late = (): DecoraftError =>
    new DecoraftError(
      'Unavailable',
      `none of ${addresses.join(', ')} answered within ${timeoutMs} ms: ${reason === undefined ? 'silence' : messageOf(reason)}`,
      { cause: reason },
    );
  try {
    await limited({ clock }, signal ? { timeoutMs, signal } : { timeoutMs }, reach(), late);
  } finally {
    giveUp.abort();
  }
}
