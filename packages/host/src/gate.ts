import type { Clock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type CallContext, Room, type RoomClient, type RoomLimits } from '@decoraft/rpc';
import { Line, type Place } from './line.js';
import { type Load, Pace } from './pace.js';
import type { HostSettings } from './ports.js';

/** While the first in line has waited for less than this, nothing is known to be too much. */
const QUEUE_MS = 250;
/** After that, no more is let in than leaves within this time: who waits for longer asks again, and makes it worse. */
const WAIT_MS = 1_000;
/** But so much in any case, however little has left lately. */
const LEAST: Load = { count: 64, bytes: 1024 * 1024 };

export interface GateOptions {
  /** What goes through it, for messages: `proposals`. */
  readonly what: string;
  readonly limits: RoomLimits;
  readonly clock: Clock;
}

/** At once, or later. */
type Answer = Uint8Array | Promise<Uint8Array>;

/** One request on its way in. */
export interface Arrival {
  readonly payload: Uint8Array;
  /** Who asks: clients are told apart by their connections. */
  readonly call: Pick<CallContext, 'connection'>;
  /** Another server passes on what its clients asked for. */
  readonly isPassedOn?: boolean;
}

/** One request inside. */
interface Stay {
  readonly client: RoomClient;
  readonly bytes: number;
  readonly sinceMs: number;
}

/**
 * Where requests that wait are let in, as long as there is room and they can be served soon; the others are refused at
 * once, and told when to come back. Without the second, the room of a slow node fills with what nobody waits for any more
 * by the time it is done, and it does everything twice (bufferbloat; compare CoDel). What was let in counts until it is
 * answered, also when nobody is there any more to hear it.
 */
export class Gate {
  readonly #what: string;
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #pace = new Pace();
  readonly #inside = new Line<Stay>();

  constructor({ clock, limits, what }: GateOptions) {
    this.#what = what;
    this.#clock = clock;
    this.#room = new Room(limits);
  }

  /**
   * Does `work` if there is room for it.
   *
   * @throws DecoraftError `Overloaded`, at once, with `data.appended` false and `data.retryAfterMs`.
   */
  pass(arrival: Arrival, work: () => Answer): Answer {
    const { id } = arrival.call.connection;
    const { length: bytes } = arrival.payload;
    const nowMs = this.#clock.monotonicMs();
    this.#enter(arrival, nowMs);
    const stay = this.#inside.join({ client: id, bytes, sinceMs: nowMs });
    try {
      const answer = work();
      // What waits keeps the number of bytes, and not the bytes.
      if (answer instanceof Promise) return this.#leaveAfter(answer, stay);
      this.#pace.left(bytes, nowMs);
      this.#leave(stay);
      return answer;
    } catch (thrown) {
      this.#leave(stay);
      throw thrown;
    }
  }

  async #leaveAfter(work: Promise<Uint8Array>, stay: Place<Stay>): Promise<Uint8Array> {
    try {
      const answer = await work;
      this.#pace.left(stay.item.bytes, this.#clock.monotonicMs());
      return answer;
    } finally {
      this.#leave(stay);
    }
  }

  #leave(stay: Place<Stay>): void {
    this.#inside.leave(stay);
    this.#room.leave(stay.item.client, stay.item.bytes);
  }

  #enter({ call, isPassedOn = false, payload }: Arrival, nowMs: number): void {
    if (this.#room.count === 0) this.#pace.begin(nowMs);
    const options = { isMany: isPassedOn, atMost: this.#servedInTime(nowMs) };
    if (!this.#room.tryEnter(call.connection.id, payload.length, options)) throw this.#refusal(nowMs);
  }

  /** How much may be inside while there is a queue; `undefined` while there is none. */
  #servedInTime(nowMs: number): Load | undefined {
    const { first } = this.#inside;
    if (!first || nowMs - first.sinceMs < QUEUE_MS) return undefined;
    const { bytes, count } = this.#pace.leavingWithin(WAIT_MS, nowMs);
    return { count: Math.max(LEAST.count, count), bytes: Math.max(LEAST.bytes, bytes) };
  }

  #refusal(nowMs: number): DecoraftError {
    const { bytes, count } = this.#room;
    const retryAfterMs = this.#pace.retryAfterMs(this.#room, nowMs);
    const words = `${count} ${this.#what} of ${bytes} bytes wait on this node: come back in ${retryAfterMs} ms`;
    return new DecoraftError('Overloaded', words, { data: { appended: false, retryAfterMs } });
  }
}

/** The gates of one node's group service. */
export interface Gates {
  /** What is to be logged, here or, passed on, by the leader. */
  readonly proposals: Gate;
  readonly reads: Gate;
}

export function createGates(settings: HostSettings, clock: Clock): Gates {
  const proposals: RoomLimits = {
    maxCount: settings.maxPendingProposals,
    maxBytes: settings.maxPendingProposalBytes,
    maxClientCount: settings.maxClientProposals,
    maxClientBytes: settings.maxClientProposalBytes,
  };
  const { maxPendingReadBytes: maxBytes, maxPendingReads: maxCount } = settings;
  const reads: RoomLimits = { maxCount, maxBytes, maxClientCount: maxCount, maxClientBytes: maxBytes };
  return {
    proposals: new Gate({ what: 'proposals', limits: proposals, clock }),
    reads: new Gate({ what: 'reads', limits: reads, clock }),
  };
}
