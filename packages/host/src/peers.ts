import { type Logger, messageOf } from '@decoraft/base';
import { GROUP_METHOD } from '@decoraft/protocol';
import type { Message, NodeId } from '@decoraft/raft';
import { type ChannelPool, methodId } from '@decoraft/rpc';
import { encodeMessage } from './raft-wire.js';

const STEP = methodId(GROUP_METHOD.step);

export interface PeersOptions {
  readonly cluster: number;
  readonly service: number;
  readonly addresses: ReadonlyMap<NodeId, string>;
  readonly channels: ChannelPool;
  readonly logger: Logger;
}

/**
 * Sends Raft messages to the other servers. What cannot leave at once is dropped: Raft repeats what matters, and
 * a queue of old messages would only be in its way.
 */
export class Peers {
  readonly #options: PeersOptions;
  readonly #connecting = new Set<string>();
  #closed = false;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  addressOf(id: NodeId): string | undefined {
    return this.#options.addresses.get(id);
  }

  send(messages: readonly Message[]): void {
    if (this.#closed) return;
    for (const message of messages) this.#sendOne(message);
  }

  close(): void {
    this.#closed = true;
  }

  #sendOne(message: Message): void {
    const { channels, cluster, service } = this.#options;
    const address = this.addressOf(message.to);
    if (address === undefined) return;
    const channel = channels.peek(address);
    if (channel?.isOpen) channel.send(service, STEP, encodeMessage({ cluster, message }));
    else this.#connect(address);
  }

  #connect(address: string): void {
    if (this.#connecting.has(address)) return;
    this.#connecting.add(address);
    const { channels, logger } = this.#options;
    channels
      .channel(address)
      .catch((thrown: unknown) =>
        logger.log('debug', 'peer is unreachable', { address, reason: messageOf(thrown) }),
      )
      .finally(() => this.#connecting.delete(address));
  }
}
