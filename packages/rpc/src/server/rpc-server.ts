import type { Clock, Logger } from '@decoraft/base';
import { RpcError } from '../errors.js';
import type { RpcLimits } from '../limits.js';
import type { Service } from '../service.js';
import type { Listener } from '../transport.js';

export interface RpcServerOptions {
  /** `host:port` or `[::1]:port`; port 0 takes a free one. */
  readonly address: string;
  /** Must be written out to listen beyond loopback: there is no TLS and no authentication yet. */
  readonly insecure?: boolean | undefined;
  /** The browser origins that may connect, such as `https://app.example.org`; none when left out. */
  readonly origins?: readonly string[] | undefined;
  readonly limits?: Partial<RpcLimits> | undefined;
  /** WebSockets when left out. */
  readonly listener?: Listener | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

export class RpcServer {
  readonly #options: RpcServerOptions;

  constructor(options: RpcServerOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.address;
  }

  register(name: string, _service: Service, _options: { readonly id?: number | undefined } = {}): void {
    throw new RpcError('Unimplemented', name);
  }

  unregister(name: string): void {
    throw new RpcError('Unimplemented', name);
  }

  listen(): Promise<void> {
    return Promise.reject(new RpcError('Unimplemented', 'next commit'));
  }

  close(_options: { readonly drainMs?: number | undefined } = {}): Promise<void> {
    return Promise.reject(new RpcError('Unimplemented', 'next commit'));
  }
}
