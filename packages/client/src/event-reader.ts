import { type Logger, messageOf, pause } from '@decoraft/base';
import {
  decodeEventRecords,
  DecoraftError,
  encodeSessionPositions,
  type EventRecord,
  GROUP_METHOD,
  type SessionId,
  type SubscriptionPosition,
} from '@decoraft/protocol';
import { backoff, methodId } from '@decoraft/rpc';
import type { GroupCaller } from './group-call.js';
import { leaderHint } from './retry.js';

const EVENTS = methodId(GROUP_METHOD.events);
const RELAY_EVENTS = methodId(GROUP_METHOD.relayEvents);
const BACKOFF = { baseMs: 20, maxMs: 500 } as const;

export interface EventReaderOptions extends GroupCaller {
  readonly logger: Logger;
  /** Whether there is anybody left to read for. */
  readonly isWanted: () => boolean;
  /** Up to where all has arrived: a stream goes on behind it. */
  readonly positions: () => readonly SubscriptionPosition[];
  readonly take: (record: EventRecord) => void;
  /** A leader serves the stream from now on, or none does. */
  readonly onLive: (isLive: boolean) => void;
  /** The cluster has ended the session. */
  readonly onExpired: (session: SessionId, error: DecoraftError) => void;
}

/** Reads the one stream of a session, from whoever leads, and opens it again whenever it breaks. */
export class EventReader {
  readonly #options: EventReaderOptions;
  #stream: AbortController | undefined;
  /** The session whose events are read. */
  #following: SessionId | undefined;
  /** The node that serves the stream. */
  #address: string | undefined;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  /** Whether a leader serves the stream now. */
  get isLive(): boolean {
    return this.#address !== undefined;
  }

  /** Opens the stream again, behind what has arrived. */
  resume(): void {
    this.#stream?.abort();
  }

  /** Leaves the node that serves the stream, unless it is `address`: another one leads. */
  follow(address: string): void {
    if (this.#address !== undefined && this.#address !== address) this.resume();
  }

  /** Leaves a node that does not answer: the stream may hang there for long. */
  suspect(address: string): void {
    if (this.#address === address) this.resume();
  }

  /** Reads the events of this session until there is nobody left to read for. */
  async read(session: SessionId): Promise<void> {
    if (this.#following === session) return;
    this.#following = session;
    const isOver = (): boolean => !this.#options.isWanted() || this.#following !== session;
    for (let failures = 0; !isOver();) {
      const stream = new AbortController();
      this.#stream = stream;
      try {
        await this.#readOnce(session, stream.signal, () => (failures = 0));
      } catch (thrown) {
        const error = DecoraftError.from(thrown);
        if (error.code === 'SessionExpired') return this.#options.onExpired(session, error);
        if (!stream.signal.aborted) await this.#pause(failures++, thrown);
      }
    }
    if (this.#following === session) this.#following = undefined;
  }

  /** The session is no more. */
  stop(): void {
    this.#following = undefined;
    this.resume();
  }

  async #readOnce(session: SessionId, signal: AbortSignal, onItem: () => void): Promise<void> {
    const { nodes, positions, service, take } = this.#options;
    const { address, channel, insteadOf } = await nodes.toLeader(signal);
    const method = insteadOf === undefined ? EVENTS : RELAY_EVENTS;
    const request = encodeSessionPositions({ session, positions: positions() });
    try {
      for await (const item of channel.stream(service, method, request, { signal })) {
        onItem();
        this.#becomeLive(address);
        for (const record of decodeEventRecords(item)) take(record);
      }
      throw new DecoraftError('Unavailable', 'the node ended the event stream');
    } catch (thrown) {
      if (!signal.aborted) nodes.doubtLeader(address);
      nodes.noteLeader(leaderHint(thrown));
      throw thrown;
    } finally {
      this.#becomeLive(undefined);
    }
  }

  #becomeLive(address: string | undefined): void {
    if (this.#address === address) return;
    this.#address = address;
    this.#options.onLive(address !== undefined);
  }

  async #pause(failures: number, thrown: unknown): Promise<void> {
    const { logger, ports } = this.#options;
    logger.log('debug', 'the event stream broke and is resumed', { reason: messageOf(thrown) });
    const hinted = failures === 0 && leaderHint(thrown) !== undefined;
    const delayMs = hinted ? 0 : backoff(failures, BACKOFF, ports.random);
    await pause(ports.clock, delayMs);
  }
}
