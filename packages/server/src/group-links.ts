import type { HostSettings, SharedParts } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import type { Channel } from '@decoraft/rpc';
import { type LinkParts, ServerLinks, type Step } from './server-links.js';

/** One group's share of the links: nobody is reached by it before it is opened, nor after it was closed. */
export class GroupLinks {
  readonly #parts: LinkParts;
  readonly #service: number;
  #links: ServerLinks | undefined;
  #leaveSender: (() => void) | undefined;

  /** @param service Where the group is found at every server. */
  constructor(parts: LinkParts, service: number) {
    this.#parts = parts;
    this.#service = service;
  }

  /**
   * @param step Takes in Raft messages that came with those of other groups.
   * @throws DecoraftError `InvalidArgument` where other groups of this server have another transport or clock.
   */
  open(step: Step): void {
    this.#links = ServerLinks.enter(this.#parts, this.#service, step);
    this.#leaveSender = this.#links.sender.join();
  }

  close(): void {
    this.#leaveSender?.();
    this.#links?.leave(this.#service);
    this.#leaveSender = undefined;
    this.#links = undefined;
  }

  /** As `ChannelPool.peek`. */
  peek(address: string): Channel | undefined {
    return this.#links?.channels.peek(address);
  }

  /** As `ChannelPool.channel`. */
  async channel(
    address: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Channel> {
    return this.#opened().channels.channel(address, options);
  }

  /** What a group of these settings shares with the others. */
  shared(settings: HostSettings): SharedParts {
    const links = this.#opened();
    return { ticker: links.ticker(settings), sender: links.sender, quiet: links.quiet(settings) };
  }

  #opened(): ServerLinks {
    if (this.#links) return this.#links;
    throw new DecoraftError('Unavailable', 'the group takes no part on this server');
  }
}
