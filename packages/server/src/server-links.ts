import type { Clock, Random } from '@decoraft/base';
import { type HostSettings, SharedTicker } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import { type Channel, ChannelPool, type Dialer } from '@decoraft/rpc';
import type { RpcServer } from '@decoraft/rpc/server';

/** A reconnecting peer should be found soon: elections wait for it. */
const PEER_BACKOFF = { baseMs: 20, maxMs: 250 } as const;

export interface LinkParts {
  readonly server: RpcServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Dialer | undefined;
}

const LINKS = new WeakMap<RpcServer, ServerLinks>();

/**
 * What the groups of one server share: one connection to each other server and one count of time, however many they are.
 * Made with the first group that takes part, closed with the last.
 */
class ServerLinks {
  readonly channels: ChannelPool;
  readonly #parts: LinkParts;
  readonly #tickers = new Map<string, SharedTicker>();
  #groups = 0;

  constructor(parts: LinkParts) {
    const { clock, random, transport } = parts;
    this.#parts = parts;
    this.channels = new ChannelPool({ clock, random, backoff: PEER_BACKOFF, transport });
  }

  /** @throws DecoraftError `InvalidArgument` for a group that would need links of its own. */
  static enter(parts: LinkParts): ServerLinks {
    const { clock, server, transport } = parts;
    const links = LINKS.get(server) ?? new ServerLinks(parts);
    if (links.#parts.transport !== transport || links.#parts.clock !== clock) {
      throw new DecoraftError(
        'InvalidArgument',
        'the groups of one server have the same transport and clock',
      );
    }
    LINKS.set(server, links);
    links.#groups++;
    return links;
  }

  leave(): void {
    this.#groups--;
    if (this.#groups > 0) return;
    LINKS.delete(this.#parts.server);
    this.channels.close();
  }

  ticker({ electionTicks, tickMs }: HostSettings): SharedTicker {
    const key = `${electionTicks} of ${tickMs}`;
    let ticker = this.#tickers.get(key);
    if (!ticker) {
      ticker = new SharedTicker({ clock: this.#parts.clock, tickMs, maxGapMs: electionTicks * tickMs });
      this.#tickers.set(key, ticker);
    }
    return ticker;
  }
}

/** One group's share of the links: nobody is reached by it before it is opened, nor after it was closed. */
export class GroupLinks {
  readonly #parts: LinkParts;
  #links: ServerLinks | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** @throws DecoraftError `InvalidArgument` where other groups of this server have another transport or clock. */
  open(): void {
    this.#links ??= ServerLinks.enter(this.#parts);
  }

  close(): void {
    this.#links?.leave();
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

  /** The count of time for groups of these settings. */
  ticker(settings: HostSettings): SharedTicker {
    return this.#opened().ticker(settings);
  }

  #opened(): ServerLinks {
    if (this.#links) return this.#links;
    throw new DecoraftError('Unavailable', 'the group takes no part on this server');
  }
}
