import { type Clock, CodedError } from '@decoraft/base';
import { DecoraftError, isErrorCode } from '@decoraft/protocol';
import { callValue } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import { within } from './group-call.js';
import type { ClientRequest } from './interceptors.js';
import type { Nodes } from './nodes.js';
import { limited } from './retry.js';

/** A plain RPC service of a node, called with values. */
export interface RemoteService {
  /**
   * @param method The name of the handler.
   * @param args Its positional arguments.
   * @param options `timeoutMs`, `signal` and `metadata`; nothing is retried.
   * @throws DecoraftError What the handler threw, where its code is one of ours; `Unimplemented` where there is no such
   *   service or method, `Unavailable`, `DeadlineExceeded`. CodedError with a code of the handler's own.
   */
  call(method: string, args?: readonly unknown[], options?: CallOptions): Promise<unknown>;
}

/** Calls of plain services, each on whichever node is connected. */
export class ServiceCalls {
  readonly #nodes: Nodes;
  readonly #clock: Clock;

  constructor(nodes: Nodes, clock: Clock) {
    this.#nodes = nodes;
    this.#clock = clock;
  }

  async call(service: string, method: string, { args, options }: ClientRequest): Promise<unknown> {
    const { metadata, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    const late = (): DecoraftError =>
      new DecoraftError(
        'Unavailable',
        `${service}.${method} found no node ${within(options)}; it was not called`,
      );
    try {
      const { channel } = await limited({ clock: this.#clock }, options, this.#nodes.toAny(signal), late);
      const leftMs = deadlineMs - this.#clock.monotonicMs();
      return await callValue(channel, service, method, args, { timeoutMs: leftMs, signal, metadata });
    } catch (thrown) {
      signal?.throwIfAborted();
      // A handler may have codes of its own.
      if (thrown instanceof CodedError && !isErrorCode(thrown.code)) throw thrown;
      throw DecoraftError.from(thrown);
    }
  }
}
