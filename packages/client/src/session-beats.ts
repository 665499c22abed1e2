import type { Timer } from '@decoraft/base';
import {
  DecoraftError,
  encodeSessionPositions,
  GROUP_METHOD,
  type SessionId,
  type SubscriptionPosition,
} from '@decoraft/protocol';
import { methodId } from '@decoraft/rpc';
import type { GroupCaller } from './group-call.js';
import { leaderHint } from './retry.js';

const KEEP_ALIVE = methodId(GROUP_METHOD.keepAlive);
const RELAY_KEEP_ALIVE = methodId(GROUP_METHOD.relayKeepAlive);
/** How often the leader is told that this client lives, and how far it has consumed its events, at least. */
const BEAT_MS = 1_000;
const BEAT_TIMEOUT_MS = 3_000;
/** So often, all is said again: a leader that was told may have gone before the log heard of it. */
const BEATS_PER_FULL_ONE = 8;

export interface SessionBeatsOptions extends GroupCaller {
  /** The session, while there is one. */
  readonly session: () => SessionId | undefined;
  /** How far events were consumed: since it was last asked, or all of it. */
  readonly positions: (which: 'news' | 'all') => readonly SubscriptionPosition[];
  /** This node answers as the leader. */
  readonly onAnswered: (address: string) => void;
  /** This node did not answer in time. */
  readonly onSilent: (address: string) => void;
  /** The cluster has ended the session. */
  readonly onExpired: (session: SessionId, error: DecoraftError) => void;
}

/**
 * The signs of life of a client, which stay out of the log, and carry what it has consumed: every second, and at once
 * when that is much, so that what the cluster keeps for it says how slow it is, and not how often it beats.
 */
export class SessionBeats {
  readonly #options: SessionBeatsOptions;
  #timer: Timer | undefined;
  /** The beat under way. */
  #sending: Promise<void> | undefined;
  /** There is more to say than what is under way says. */
  #isMore = false;
  #count = 0;
  /** Who was told the last time; `undefined` when that one did not answer. */
  #told: string | undefined;
  #isClosed = false;

  constructor(options: SessionBeatsOptions) {
    this.#options = options;
  }

  /** Beats from now on, while there is a session. */
  start(): void {
    if (this.#isClosed) return;
    this.#timer = this.#options.ports.clock.after(BEAT_MS, () => {
      this.now()
        .catch(() => undefined)
        .finally(() => this.start());
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Tells the leader at once; resolves when it was told, or could not be. One at a time, whoever asks. */
  async now(): Promise<void> {
    this.#isMore = true;
    this.#sending ??= this.#sendAll();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#isMore && !this.#isClosed) {
        this.#isMore = false;
        // One that was sent to the wrong node is sent once more, to the one that it named.
        if (await this.#send()) await this.#send();
      }
    } finally {
      this.#sending = undefined;
    }
  }

  /** A beat that did not arrive is followed by the next one. Gives whether another node leads, as the answer says. */
  async #send(): Promise<boolean> {
    const { nodes, onAnswered, onExpired, onSilent, positions, service, session: sessionOf } = this.#options;
    const session = sessionOf();
    if (session === undefined) return false;
    const route = await nodes.toLeader().catch(() => undefined);
    if (!route) return false;
    const isFull = this.#told !== route.address || this.#count++ % BEATS_PER_FULL_ONE === 0;
    const request = encodeSessionPositions({ session, positions: positions(isFull ? 'all' : 'news') });
    this.#told = undefined;
    try {
      const method = route.insteadOf === undefined ? KEEP_ALIVE : RELAY_KEEP_ALIVE;
      await route.channel.call(service, method, request, { timeoutMs: BEAT_TIMEOUT_MS });
      this.#told = route.address;
      if (route.insteadOf === undefined) onAnswered(route.address);
      return false;
    } catch (thrown) {
      const error = DecoraftError.from(thrown);
      const hint = leaderHint(thrown);
      nodes.noteLeader(hint);
      if (error.code === 'SessionExpired') onExpired(session, error);
      if (error.code === 'DeadlineExceeded') {
        nodes.doubtLeader(route.address);
        onSilent(route.address);
      }
      return hint !== undefined && hint !== route.address;
    }
  }
}
