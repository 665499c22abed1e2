import { type Logger, messageOf } from '@decoraft/base';
import { GROUP_METHOD } from '@decoraft/protocol';
import { methodId, serviceId } from '@decoraft/rpc';
import type { Channels } from './ports.js';
import { BEATS_METHOD, encodeGroupMessages, type GroupMessage, SERVER_BEATS } from './quiet-wire.js';

const STEP = methodId(GROUP_METHOD.step);
const BEATS = serviceId(SERVER_BEATS);
const MESSAGES = methodId(BEATS_METHOD.messages);

export interface BeatSenderOptions {
  readonly channels: Channels;
  readonly logger: Logger;
  /** See `HostPorts.soon`. */
  readonly soon: (callback: () => void) => void;
}

/**
 * What the groups of a server send to the other servers. Heartbeats and their answers leave together: those of all groups
 * that become ready in one turn, as one message to each server. One alone leaves as it always did, which servers of
 * earlier releases understand.
 *
 * What cannot leave at once is dropped: Raft repeats what matters, and a queue of old messages would only be in its way.
 */
export class BeatSender {
  readonly #options: BeatSenderOptions;
  readonly #connecting = new Set<string>();
  readonly #waiting = new Map<string, GroupMessage[]>();
  /** How many groups send by this one. */
  #groups = 0;

  constructor(options: BeatSenderOptions) {
    this.#options = options;
  }

  /** One more group sends by this one. @returns Ends it. */
  join(): () => void {
    this.#groups++;
    return () => void this.#groups--;
  }

  /** Whether anything can leave for there now; else a connection is begun. */
  reaches(address: string): boolean {
    if (this.#options.channels.peek(address)?.isOpen) return true;
    this.#connect(address);
    return false;
  }

  send(address: string, service: number, method: number, payload: Uint8Array): void {
    if (this.reaches(address)) this.#options.channels.peek(address)?.send(service, method, payload);
  }

  /** Sends a Raft message with those of other groups, at the end of this turn. A group that is alone waits for nobody. */
  sendTogether(address: string, message: GroupMessage): void {
    if (this.#groups < 2) return this.send(address, message.service, STEP, message.payload);
    if (this.#waiting.size === 0) this.#options.soon(() => this.#flush());
    const waiting = this.#waiting.get(address);
    if (waiting) waiting.push(message);
    else this.#waiting.set(address, [message]);
  }

  #flush(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [address, messages] of all) {
      const [first] = messages;
      if (first && messages.length === 1) this.send(address, first.service, STEP, first.payload);
      else this.send(address, BEATS, MESSAGES, encodeGroupMessages(messages));
    }
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
