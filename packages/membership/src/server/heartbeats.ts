import { DecoraftError } from '@decoraft/protocol';
import { callValue, type ChannelPool, type Service, valueService } from '@decoraft/rpc';
import { type Beat, BEAT_METHOD, type BeatAnswer } from '../beat.js';
import { heartbeatServiceName } from '../names.js';
import type { Life, MemberRecord } from '../records.js';
import type { MemberRegistry } from '../registry/member-registry.machine.js';
import type { HostRaft } from './hosts.js';
import type { Vigil } from './vigil.js';

/** How long a beat that was passed on may take. */
const RELAY_TIMEOUT_MS = 2_000;

export interface HeartbeatsOptions {
  readonly raft: HostRaft;
  readonly registry: MemberRegistry;
  readonly vigil: Vigil;
  /** The way to the other nodes. */
  readonly channels: ChannelPool;
  /** Has the group agree that this life is there again. */
  readonly bringBack: (term: number, life: Life) => Promise<void>;
}

/** What members say to the nodes, again and again: that they live. No beat is a reason for a log entry. */
export class Heartbeats {
  readonly service: Service;
  readonly #options: HeartbeatsOptions;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    this.service = valueService({
      [BEAT_METHOD.beat]: (beat: unknown) => this.#beat(checkBeat(beat)),
      [BEAT_METHOD.beatHere]: (beat: unknown) => this.#beatHere(checkBeat(beat)),
    });
  }

  #beat(beat: Beat): Promise<BeatAnswer> {
    return this.#options.raft.isLeader ? this.#beatHere(beat) : this.#passOn(beat);
  }

  /**
   * An answer is a promise for as long as the member's timeout, so it is given only by who led after the beat was sent:
   * a later leader begins with a full period. What was being decided about the member is known by then as well.
   */
  async #beatHere(beat: Beat): Promise<BeatAnswer> {
    const { raft, registry, vigil } = this.#options;
    if (!raft.isLeader) throw this.#notLeader();
    await vigil.heard(beat);
    const term = await raft.confirmLeadership();
    // In the term that was confirmed, and behind what had to be decided before.
    await vigil.heard(beat);
    if (!raft.isLeader || raft.term !== term) throw this.#notLeader();
    const { version } = registry;
    const member = registry.record(beat.id);
    if (!member) return { kind: 'gone', version };
    if (member.incarnation !== beat.incarnation) {
      return { kind: 'replaced', version, incarnation: member.incarnation };
    }
    const { onlineVersion } = member.isOnline ? member : await this.#bringBack(term, beat);
    return { kind: 'heard', version: registry.version, onlineVersion, leader: this.#leaderAddress() ?? '' };
  }

  async #bringBack(term: number, beat: Beat): Promise<MemberRecord> {
    const { bringBack, registry } = this.#options;
    await bringBack(term, beat);
    const member = registry.record(beat.id);
    if (member?.isOnline && member.incarnation === beat.incarnation) return member;
    throw new DecoraftError('Unavailable', `${beat.id} is not online yet: the next beat may bring it back`);
  }

  async #passOn(beat: Beat): Promise<BeatAnswer> {
    const { channels, raft } = this.#options;
    const address = this.#leaderAddress();
    if (address === undefined) throw this.#notLeader();
    const channel = await channels.channel(address);
    const answer = await callValue(channel, heartbeatServiceName(raft.group), BEAT_METHOD.beatHere, [beat], {
      timeoutMs: RELAY_TIMEOUT_MS,
    });
    return answer as BeatAnswer;
  }

  #notLeader(): DecoraftError {
    const leaderAddress = this.#leaderAddress();
    return new DecoraftError(
      'NotLeader',
      `this node does not lead; ${leaderAddress ?? 'nobody known'} does`,
      {
        data: leaderAddress === undefined ? {} : { leaderAddress },
      },
    );
  }

  #leaderAddress(): string | undefined {
    const { leader, members } = this.#options.raft;
    return members.find(({ id }) => id === leader)?.address;
  }
}

function checkBeat(beat: unknown): Beat {
  if (typeof beat === 'object' && beat !== null && 'id' in beat && 'incarnation' in beat) {
    const { id, incarnation } = beat;
    if (typeof id === 'string' && typeof incarnation === 'number') return { id, incarnation };
  }
  throw new DecoraftError('InvalidArgument', 'a beat is an object with an id and an incarnation');
}
