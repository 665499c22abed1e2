import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '@decoraft/base';
import { Pipe } from './pipe.js';
import type { Wire } from './wire.js';

export interface LinkOptions {
  /** Where the target really listens. */
  readonly target: { readonly host: string; readonly port: number };
  /** From the one who connects to the target, and back. */
  readonly there: Wire;
  readonly back: Wire;
  readonly random: Random;
}

/** The proxy through which one party, and nobody else, connects to one node. */
export class Link {
  readonly #options: LinkOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isRefusing = false;

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  static async open(options: LinkOptions): Promise<Link> {
    const link = new Link(options);
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject);
      link.#server.listen(0, '127.0.0.1', resolve);
    });
    return link;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends whoever comes, at once, or lets them in again. */
  set isRefusing(isRefusing: boolean) {
    this.#isRefusing = isRefusing;
  }

  /** Ends every connection on both sides, without a word. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.reset();
    await closed;
  }

  #accept(near: Socket): void {
    if (this.#isRefusing) return void near.resetAndDestroy();
    const { back, random, target, there } = this.#options;
    const far = connect({ ...target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    Pipe.lay(near, far, there, random);
    Pipe.lay(far, near, back, random);
  }
}
