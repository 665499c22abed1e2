import { type Logger, messageOf } from '@decoraft/base';
import { GROUP_METHOD } from '@decoraft/protocol';
import type { Message, NodeId } from '@decoraft/raft';
import { methodId } from '@decoraft/rpc';
import type { Channels } from './ports.js';
import { type AddressedMessage, encodeMessage } from './raft-wire.js';

const STEP = methodId(GROUP_METHOD.step);

export interface PeersOptions {
  readonly service: number;
  /** The message as it leaves: with the cluster, the disk and the address that it comes from. */
  readonly address: (message: Message) => AddressedMessage;
  readonly addressOf: (id: NodeId) => string | undefined;
  readonly channels: Channels;
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

  close(): void {
    this.#closed = true;
  }

  send(message: Message): void {
    if (this.#closed) return;
    const { address, addressOf, channels, service } = this.#options;
    const to = addressOf(message.to);
    if (to === undefined) return;
    const channel = channels.peek(to);
    if (channel?.isOpen) channel.send(service, STEP, encodeMessage(address(message)));
    else this.#connect(to);
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
