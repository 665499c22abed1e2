import type { Clock } from '@decoraft/base';
import { RpcError } from '../errors.js';

/** Where one service ends what it takes, of all connections together; each may be left out. */
export interface ServiceLimits {
  /** Handlers of unary calls and of streams that may run at once; one more is refused with `Overloaded`. */
  readonly maxConcurrentCalls?: number | undefined;
  /** Bytes of one payload, items of callers included; a larger one is refused with `InvalidArgument`. */
  readonly maxPayloadBytes?: number | undefined;
}

const NAMES: ReadonlySet<string> = new Set<keyof ServiceLimits>(['maxConcurrentCalls', 'maxPayloadBytes']);
const MAX_LIMIT = 0x7fff_ffff;
const MIN_RETRY_MS = 10;
const MAX_RETRY_MS = 1_000;
/** How much of the mean each handler that settles replaces. */
const WEIGHT = 1 / 8;

/** Lets requests into one service, while its own limits have room for them. */
export class ServiceGate {
  readonly maxPayloadBytes: number;
  readonly #name: string;
  readonly #maxConcurrentCalls: number;
  readonly #clock: Clock;
  #runningCount = 0;
  /** How long handlers took of late: so long it takes until one that runs now has made room. */
  #meanMs = 0;

  /** @throws RpcError `InvalidArgument` for a limit that is not known, or is no positive 31-bit integer. */
  constructor(name: string, limits: ServiceLimits, clock: Clock) {
    checkLimits(name, limits);
    this.#name = name;
    this.#maxConcurrentCalls = limits.maxConcurrentCalls ?? Infinity;
    this.maxPayloadBytes = limits.maxPayloadBytes ?? Infinity;
    this.#clock = clock;
  }

  /**
   * A request wants in, and is in unless this throws.
   *
   * @returns When it began, for {@link leave}.
   * @throws RpcError `Overloaded` with a hint when to come back.
   */
  enter(): number {
    if (this.#runningCount >= this.#maxConcurrentCalls) {
      const words = `${this.#runningCount} calls of service '${this.#name}' are running, which is its limit`;
      const retryAfterMs = Math.round(Math.min(Math.max(this.#meanMs, MIN_RETRY_MS), MAX_RETRY_MS));
      throw new RpcError('Overloaded', words, { retryAfterMs });
    }
    this.#runningCount += 1;
    return this.#clock.monotonicMs();
  }

  /** Its handler has settled. */
  leave(beganMs: number): void {
    this.#runningCount -= 1;
    const tookMs = this.#clock.monotonicMs() - beganMs;
    this.#meanMs += (tookMs - this.#meanMs) * WEIGHT;
  }

  /** What is wrong with a payload of so many bytes, if anything is. */
  refusalOf(bytes: number): RpcError | undefined {
    if (bytes <= this.maxPayloadBytes) return undefined;
    const words = `a payload of ${bytes} bytes is more than service '${this.#name}' takes, which is`;
    return new RpcError('InvalidArgument', `${words} ${this.maxPayloadBytes}`);
  }
}

function checkLimits(name: string, limits: unknown): void {
  if (typeof limits !== 'object' || limits === null) {
    throw new RpcError('InvalidArgument', `the limits of service '${name}' are no object`);
  }
  for (const [limit, value] of Object.entries(limits)) {
    if (!NAMES.has(limit)) {
      const known = [...NAMES].join(' and ');
      throw new RpcError('InvalidArgument', `service '${name}' has no limit ${limit}, only ${known}`);
    }
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1 || value > MAX_LIMIT) {
      const words = `limit ${limit} of service '${name}' must be an integer from 1 to ${MAX_LIMIT}`;
      throw new RpcError('InvalidArgument', `${words}, not ${String(value)}`);
    }
  }
}
