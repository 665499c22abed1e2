import { type Clock, type Logger, messageOf, type Random } from '@decoraft/base';
import {
  BEATS_METHOD,
  BeatSender,
  decodeGroupMessages,
  decodeQuietAnswer,
  decodeQuietBeat,
  type HostSettings,
  QuietBeats,
  SERVER_BEATS,
  SharedTicker,
} from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import { type CallContext, ChannelPool, type Dialer, type Method } from '@decoraft/rpc';
import type { RpcServer } from '@decoraft/rpc/server';

/** A reconnecting peer should be found soon: elections wait for it. */
const PEER_BACKOFF = { baseMs: 20, maxMs: 250 } as const;
const INCARNATIONS = 2 ** 52;

export interface LinkParts {
  readonly server: RpcServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** See `HostPorts.soon`. */
  readonly soon: (callback: () => void) => void;
  readonly transport: Dialer | undefined;
}

/** Takes in a Raft message for one group. */
export type Step = (payload: Uint8Array, call: Pick<CallContext, 'connection'>) => void;

const LINKS = new WeakMap<RpcServer, ServerLinks>();

/**
 * What the groups of one server share: one connection to each other server, one count of time, and one beat for all that
 * rest, however many they are. Made with the first group that takes part, closed with the last.
 */
export class ServerLinks {
  readonly channels: ChannelPool;
  readonly sender: BeatSender;
  readonly #parts: LinkParts;
  readonly #tickers = new Map<string, SharedTicker>();
  readonly #steps = new Map<number, Step>();
  #quiet: { readonly beats: QuietBeats; readonly timing: string; readonly leave: () => void } | undefined;

  private constructor(parts: LinkParts) {
    const { clock, logger, random, server, soon, transport } = parts;
    this.#parts = parts;
    this.channels = new ChannelPool({ clock, random, backoff: PEER_BACKOFF, transport });
    this.sender = new BeatSender({ channels: this.channels, logger, soon });
    server.register(SERVER_BEATS, { methods: this.#methods(), readsNoBindings: true });
  }

  /**
   * One more group takes part.
   *
   * @throws DecoraftError `InvalidArgument` for a group that would need links of its own.
   */
  static enter(parts: LinkParts, service: number, step: Step): ServerLinks {
    const { clock, server, transport } = parts;
    const links = LINKS.get(server) ?? new ServerLinks(parts);
    if (links.#parts.transport !== transport || links.#parts.clock !== clock) {
      throw new DecoraftError(
        'InvalidArgument',
        'the groups of one server have the same transport and clock',
      );
    }
    LINKS.set(server, links);
    links.#steps.set(service, step);
    return links;
  }

  leave(service: number): void {
    this.#steps.delete(service);
    if (this.#steps.size > 0) return;
    const { server } = this.#parts;
    LINKS.delete(server);
    server.unregister(SERVER_BEATS);
    this.#quiet?.leave();
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

  /** For groups that may rest, and whose timing is that of the first of them; `undefined` for others. */
  quiet(settings: HostSettings): QuietBeats | undefined {
    const { electionTicks, heartbeatTicks, quiesceIdleGroups, tickMs } = settings;
    if (!quiesceIdleGroups) return undefined;
    const timing = `${heartbeatTicks} and ${electionTicks} of ${tickMs}`;
    this.#quiet ??= this.#startQuiet(settings, timing);
    return this.#quiet.timing === timing ? this.#quiet.beats : undefined;
  }

  #startQuiet(settings: HostSettings, timing: string) {
    const { electionTicks, heartbeatTicks } = settings;
    const incarnation = 1 + Math.floor(this.#parts.random() * INCARNATIONS);
    const beats = new QuietBeats({ sender: this.sender, incarnation, electionTicks, heartbeatTicks });
    const leave = this.ticker(settings).join({
      tick: (count, at = 0) => beats.tick(count, at),
      paused: () => beats.paused(),
    });
    return { beats, timing, leave };
  }

  #methods(): readonly Method[] {
    return [
      this.#oneWay(BEATS_METHOD.messages, (bytes, call) => {
        for (const { payload, service } of decodeGroupMessages(bytes))
          this.#steps.get(service)?.(payload, call);
      }),
      this.#oneWay(BEATS_METHOD.quiet, (bytes) => this.#quiet?.beats.heard(decodeQuietBeat(bytes))),
      this.#oneWay(BEATS_METHOD.quietAnswer, (bytes) =>
        this.#quiet?.beats.answered(decodeQuietAnswer(bytes)),
      ),
    ];
  }

  /** What cannot be read is dropped: whoever sent it repeats it, or is a stranger. */
  #oneWay(name: string, take: (bytes: Uint8Array, call: CallContext) => void): Method {
    const handle = (bytes: Uint8Array, call: CallContext): void => {
      try {
        take(bytes, call);
      } catch (thrown) {
        const reason = messageOf(thrown);
        this.#parts.logger.log('debug', 'a beat that is none was dropped', { reason });
      }
    };
    return { kind: 'one-way', name, handle };
  }
}
