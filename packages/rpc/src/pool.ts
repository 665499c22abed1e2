import { type Clock, onAbort, pause, type Random, systemClock, systemRandom } from '@decoraft/base';
import { cancelled } from './admission.js';
import { backoff, type BackoffOptions } from './backoff.js';
import type { Channel, ChannelOptions } from './channel.js';
import { RpcError } from './errors.js';
import { openChannel } from './open-channel.js';

const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 50, maxMs: 5_000 };

export interface ChannelPoolOptions extends Omit<ChannelOptions, 'signal'> {
  /** 50 to 5,000 ms when left out. */
  readonly backoff?: BackoffOptions | undefined;
  readonly random?: Random | undefined;
}

/** What the pool knows of one address. */
interface Place {
  channel: Channel | undefined;
  /** The attempt that everyone who asks meanwhile waits for. */
  attempt: Promise<Channel> | undefined;
  /** Failures since a channel has lasted. */
  failureCount: number;
  /** Instant of monotonic time before which no attempt is made. */
  notBeforeMs: number;
}

/**
 * One channel per address. Dead and draining ones are evicted. Attempts on one address keep a growing, jittered
 * distance, also when each of them succeeds and the channel is lost at once.
 */
export class ChannelPool {
  readonly #options: ChannelPoolOptions;
  readonly #clock: Clock;
  readonly #backoff: BackoffOptions;
  readonly #places = new Map<string, Place>();
  readonly #closing = new AbortController();
  readonly #listeners: ((lost: RpcError | undefined) => void)[] = [];

  constructor(options: ChannelPoolOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
  }

  /**
   * The open channel, or the outcome of the one attempt to open it that all who ask meanwhile share. The attempt
   * begins when the back-off has passed, so this takes at most its maximum and the connect timeout.
   *
   * @param options `signal` ends this caller's wait with `Cancelled`, not the attempt.
   * @throws RpcError What `openChannel` throws; `Unavailable` when the pool is closed.
   */
  async channel(
    address: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Channel> {
    const open = this.peek(address);
    if (open) return open;
    if (options.signal?.aborted) throw cancelled(options.signal);
    if (this.#closing.signal.aborted) throw new RpcError('Unavailable', 'the pool is closed');
    const place = this.#place(address);
    place.attempt ??= this.#attempt(address, place);
    return options.signal ? unlessAborted(place.attempt, options.signal) : place.attempt;
  }

  /** The open channel, if there is one; starts nothing. */
  peek(address: string): Channel | undefined {
    const channel = this.#places.get(address)?.channel;
    return channel?.isOpen ? channel : undefined;
  }

  /**
   * @param listener Called when a channel has been opened, and, with the reason, when one was lost; not for what
   *   {@link close} closes.
   */
  onChange(listener: (lost: RpcError | undefined) => void): void {
    this.#listeners.push(listener);
  }

  /** Closes every channel and gives up every attempt; asking again fails with `Unavailable`. */
  close(): void {
    this.#closing.abort(new RpcError('Unavailable', 'the pool is closed'));
    for (const place of this.#places.values()) place.channel?.close('the pool is closed');
    this.#places.clear();
  }

  #tell(lost: RpcError | undefined): void {
    for (const listener of this.#listeners) listener(lost);
  }

  #place(address: string): Place {
    let place = this.#places.get(address);
    if (!place) {
      place = { channel: undefined, attempt: undefined, failureCount: 0, notBeforeMs: -Infinity };
      this.#places.set(address, place);
    }
    return place;
  }

  #attempt(address: string, place: Place): Promise<Channel> {
    const attempt = this.#open(address, place).finally(() => void (place.attempt = undefined));
    // Everyone who waited may have left.
    attempt.catch(() => undefined);
    return attempt;
  }

  async #open(address: string, place: Place): Promise<Channel> {
    const { signal } = this.#closing;
    await this.#until(place.notBeforeMs);
    if (signal.aborted) throw signal.reason;
    try {
      const channel = await openChannel(address, { ...this.#options, signal });
      const openedMs = this.#clock.monotonicMs();
      place.channel = channel;
      void channel.closed.then((reason) => this.#lost(place, channel, openedMs, reason));
      this.#tell(undefined);
      return channel;
    } catch (error) {
      this.#failed(place);
      throw error;
    }
  }

  #lost(place: Place, channel: Channel, openedMs: number, reason: RpcError): void {
    if (place.channel === channel) place.channel = undefined;
    if (this.#clock.monotonicMs() - openedMs >= this.#backoff.maxMs) place.failureCount = 0;
    this.#failed(place);
    if (!this.#closing.signal.aborted) this.#tell(reason);
  }

  #failed(place: Place): void {
    const delayMs = backoff(place.failureCount, this.#backoff, this.#options.random ?? systemRandom);
    place.failureCount += 1;
    place.notBeforeMs = this.#clock.monotonicMs() + delayMs;
  }

  /** Resolves at that instant, or when the pool closes. */
  async #until(instantMs: number): Promise<void> {
    const delayMs = instantMs - this.#clock.monotonicMs();
    if (delayMs > 0) await pause(this.#clock, delayMs, this.#closing.signal);
  }
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(cancelled(signal)));
    promise.then(resolve, reject).finally(release);
  });
}
