import type { Clock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type CallContext, Room, type RoomClient, type RoomLimits } from '@decoraft/rpc';
import { Pace } from './pace.js';
import type { HostSettings } from './ports.js';
import { originOf, Turns } from './turns.js';

export interface GateOptions {
  /** What goes through it, for messages: `proposals`. */
  readonly what: string;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  /** Where what goes through it has an order. */
  readonly turns?: Turns;
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

/**
 * Where requests that wait are let in, as long as there is room; the others are refused at once, and told when to come
 * back. What was let in counts until it is answered, also when nobody is there any more to hear it.
 */
export class Gate {
  readonly #what: string;
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #turns: Turns | undefined;
  readonly #pace = new Pace();

  constructor({ clock, limits, turns, what }: GateOptions) {
    this.#what = what;
    this.#clock = clock;
    this.#room = new Room(limits);
    this.#turns = turns;
  }

  /**
   * Does `work` if there is room for it.
   *
   * @throws DecoraftError `Overloaded`, at once, with `data.appended` false and `data.retryAfterMs`.
   */
  pass(arrival: Arrival, work: () => Answer): Answer {
    const { id } = arrival.call.connection;
    const { length: bytes } = arrival.payload;
    this.#enter(arrival);
    try {
      const answer = work();
      // What waits keeps the number of bytes, and not the bytes.
      if (answer instanceof Promise) return this.#leaveAfter(answer, id, bytes);
      this.#pace.left(bytes, this.#clock.monotonicMs());
      this.#room.leave(id, bytes);
      return answer;
    } catch (thrown) {
      this.#room.leave(id, bytes);
      throw thrown;
    }
  }

  async #leaveAfter(work: Promise<Uint8Array>, client: RoomClient, bytes: number): Promise<Uint8Array> {
    try {
      const answer = await work;
      this.#pace.left(bytes, this.#clock.monotonicMs());
      return answer;
    } finally {
      this.#room.leave(client, bytes);
    }
  }

  #enter({ call, isPassedOn = false, payload }: Arrival): void {
    if (this.#room.count === 0) this.#pace.begin(this.#clock.monotonicMs());
    const turns = this.#turns;
    const origin = turns && !turns.isEmpty ? originOf(payload) : undefined;
    if (origin && turns?.isTurnOf(origin) === false) throw this.#refusal();
    if (!this.#room.tryEnter(call.connection.id, payload.length, isPassedOn)) {
      const refused = turns && (origin ?? originOf(payload));
      if (refused) turns.refuse(refused);
      throw this.#refusal();
    }
    if (origin) turns?.admit(origin);
  }

  #refusal(): DecoraftError {
    const { bytes, count } = this.#room;
    const retryAfterMs = this.#pace.retryAfterMs(this.#room, this.#clock.monotonicMs());
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
    proposals: new Gate({ what: 'proposals', limits: proposals, clock, turns: new Turns(clock) }),
    reads: new Gate({ what: 'reads', limits: reads, clock }),
  };
}
