import { type CallContext, type Channel, methodId } from '@decoraft/rpc';
import type { Channels } from './ports.js';
import { notPassedOn, refusal } from './proposals.js';

/** Where the leader is reached, as far as this server knows. */
export interface LeaderView {
  readonly leaderAddress: string | undefined;
}

/**
 * What clients ask of the leader and sent to this server: passed on to the leader that it knows, at most one hop. A
 * client tells the two ways apart by the names of the methods; what has been passed on is never passed on again.
 */
export class Relay {
  readonly #service: number;
  readonly #channels: Channels;
  /** Streams that are passed on, by where they come from. */
  readonly #streams = new Map<AbortController, string>();

  constructor(service: number, channels: Channels) {
    this.#service = service;
    this.#channels = channels;
  }

  /** @throws DecoraftError `NoLeader` when none is known; `Unavailable`, `Overloaded`, or what the leader answers. */
  async call(
    leader: LeaderView,
    method: string,
    payload: Uint8Array,
    call: CallContext,
  ): Promise<Uint8Array> {
    const { metadata, remainingMs, signal } = call;
    const address = addressOf(leader);
    try {
      const channel = await this.#channel(address, signal);
      return await channel.call(this.#service, methodId(method), payload, {
        signal,
        metadata,
        ...(remainingMs === undefined ? {} : { timeoutMs: remainingMs }),
      });
    } catch (thrown) {
      throw notPassedOn(thrown);
    }
  }

  /** Ends when either side ends it, or when another server leads. Errors as {@link call}. */
  async *stream(
    leader: LeaderView,
    method: string,
    payload: Uint8Array,
    call: CallContext,
  ): AsyncGenerator<Uint8Array> {
    const address = addressOf(leader);
    const channel = await this.#channel(address, call.signal);
    const ending = new AbortController();
    const { signal } = ending;
    const end = (): void => ending.abort();
    call.signal.addEventListener('abort', end);
    this.#streams.set(ending, address);
    try {
      yield* channel.stream(this.#service, methodId(method), payload, { signal, metadata: call.metadata });
    } finally {
      this.#streams.delete(ending);
      call.signal.removeEventListener('abort', end);
    }
  }

  /** Ends the streams that come from another server than the one that leads now: whoever reads them begins anew. */
  leaveOthers({ leaderAddress }: LeaderView): void {
    for (const [ending, address] of this.#streams) if (address !== leaderAddress) ending.abort();
  }

  async #channel(address: string, signal: AbortSignal): Promise<Channel> {
    return this.#channels.peek(address) ?? this.#channels.channel(address, { signal });
  }
}

function addressOf({ leaderAddress }: LeaderView): string {
  if (leaderAddress === undefined) {
    throw refusal('NoLeader', 'no leader is known: an election is under way');
  }
  return leaderAddress;
}
