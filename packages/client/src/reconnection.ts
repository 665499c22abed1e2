import { DecoraftError } from '@decoraft/protocol';
import type { ChannelPool } from '@decoraft/rpc';
import type { StatusBoard } from './connection-status.js';
import type { Nodes } from './nodes.js';

export interface ReconnectionOptions {
  readonly pool: ChannelPool;
  readonly nodes: Nodes;
  readonly board: StatusBoard;
  /** Aborted when the connection to the cluster is closed. */
  readonly closed: AbortSignal;
}

/**
 * Keeps the status true, and a client that asks nothing connected: events and the next call should not have to wait for a
 * connection that could have been there.
 */
export class Reconnection {
  readonly #options: ReconnectionOptions;
  #isTrying = false;

  constructor(options: ReconnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.pool.onChange((lost) => this.#look(lost && DecoraftError.from(lost)));
  }

  #look(reason: DecoraftError | undefined): void {
    const { board, closed, nodes } = this.#options;
    if (closed.aborted) return;
    if (nodes.isConnected) return board.become('connected');
    board.become('reconnecting', reason);
    void this.#tryAll();
  }

  /** The pool sees to it that no address is tried too often. */
  async #tryAll(): Promise<void> {
    if (this.#isTrying) return;
    this.#isTrying = true;
    const { closed, nodes } = this.#options;
    while (!closed.aborted && !nodes.isConnected) await nodes.toAny(closed).catch(() => undefined);
    this.#isTrying = false;
  }
}
