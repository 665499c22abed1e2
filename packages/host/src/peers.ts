import type { Logger } from '@decoraft/base';
import { GROUP_METHOD } from '@decoraft/protocol';
import type { Message, NodeId } from '@decoraft/raft';
import { methodId } from '@decoraft/rpc';
import type { BeatSender } from './beat-sender.js';
import type { Channels } from './ports.js';
import { type AddressedMessage, encodeMessage } from './raft-wire.js';

const STEP = methodId(GROUP_METHOD.step);

export interface PeersOptions {
  readonly service: number;
  /** The message as it leaves: with the cluster, the disk and the address that it comes from. */
  readonly address: (message: Message) => AddressedMessage;
  readonly addressOf: (id: NodeId) => string | undefined;
  readonly channels: Channels;
  /** That of all groups of this server. */
  readonly sender: BeatSender;
  readonly logger: Logger;
}

/** Sends the Raft messages of one group to the other servers; those that only keep the peace, with those of other groups. */
export class Peers {
  readonly #options: PeersOptions;
  #isClosed = false;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isClosed = true;
  }

  send(message: Message): void {
    const { address, addressOf, sender, service } = this.#options;
    const to = this.#isClosed ? undefined : addressOf(message.to);
    if (to === undefined || !sender.reaches(to)) return;
    const payload = encodeMessage(address(message));
    const isBeat = message.kind === 'heartbeat' || message.kind === 'heartbeat-response';
    if (isBeat) sender.sendTogether(to, { service, payload });
    else sender.send(to, service, STEP, payload);
  }
}
