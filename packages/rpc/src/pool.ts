import type { Random } from '@decoraft/base';
import type { BackoffOptions } from './backoff.js';
import type { Channel, ChannelOptions } from './channel.js';
import { RpcError } from './errors.js';

export interface ChannelPoolOptions extends Omit<ChannelOptions, 'signal'> {
  /** 50 to 5,000 ms when left out. */
  readonly backoff?: BackoffOptions | undefined;
  readonly random?: Random | undefined;
}

/** One channel per address. Dead ones are evicted; attempts on one address keep a growing distance. */
export class ChannelPool {
  readonly #options: ChannelPoolOptions;

  constructor(options: ChannelPoolOptions = {}) {
    this.#options = options;
  }

  /** The open channel, or the outcome of one attempt to open it, shared by all who ask meanwhile. */
  channel(address: string, _options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Channel> {
    return Promise.reject(new RpcError('Unimplemented', `${address} ${Object.keys(this.#options).join()}`));
  }

  /** The open channel, if there is one; starts nothing. */
  peek(_address: string): Channel | undefined {
    return undefined;
  }

  /** Closes every channel and gives up every attempt; asking again fails with `Unavailable`. */
  close(): void {}
}
